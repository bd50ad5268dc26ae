// <button data-print hidden>: prints this page. <body data-print-now>: prints when the page is opened, not when it is
// loaded again or come back to.
(() => {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  const look = (event) => {
    document.querySelectorAll("[data-print][hidden]").forEach((button) => { button.hidden = false; });
    if (!document.querySelector("[data-print-now]")) return;
    if (!event && performance.getEntriesByType("navigation")[0]?.type !== "navigate") return;
    const now = () => requestAnimationFrame(() => print());
    if (document.readyState === "complete") now(); else addEventListener("load", now, { once: true });
  };
  look();
  document.addEventListener("house:page", look);
})();
