// Every form[method=post] (data-once="off" leaves one out): a second touch while the first is on its way does nothing.
// The button is never disabled, so its name and value are sent; the server's form token is what truly guards.
(() => {
  const free = (form) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    clearTimeout(form.sentTimer);
  };
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.dataset.once === "off") return;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "";
    form.setAttribute("aria-busy", "true");
    // An answer that is a download, or none at all, must not leave the form shut.
    form.sentTimer = setTimeout(free, 8000, form);
  }, true);
  const freeAll = () => document.querySelectorAll("form[data-sent]").forEach(free);
  addEventListener("pageshow", freeAll);
  document.addEventListener("htmx:finally:request", freeAll);
  document.addEventListener("house:asked", freeAll); // away.js: sent now, or not at all
})();
