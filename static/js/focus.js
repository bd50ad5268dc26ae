// [role=alert][tabindex]: the error summary gets the focus when it appears, after a load or a swap; its links lead to
// the field itself.
(() => {
  const look = () => {
    const alert = document.querySelector("[role=alert][tabindex]:not([data-seen])");
    if (!alert) return;
    alert.dataset.seen = "";
    alert.focus();
  };
  look();
  for (const kind of ["htmx:after:settle", "house:page"]) document.addEventListener(kind, look);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[role=alert] a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
})();
