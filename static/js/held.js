// What was typed and not sent is not lost with the page. form[data-go-on] is sent as soon as it is there (web/held.py);
// and when a region is sent away to be unlocked, the form around what was touched goes along, marked as not to be saved.
(() => {
  document.querySelector("form[data-go-on]")?.requestSubmit();
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail ?? {}, to = ctx?.hx?.redirect;
    if (!to || !/\/(unlock|sign-in|password|second-factor(\/set-up)?)$/.test(new URL(to, location.href).pathname)) return;
    const typed = (form) => [...form.elements].some((one) => one.value !== one.defaultValue && one.matches("input:not([type=hidden]), textarea"));
    const form = [...document.querySelectorAll("main form[method=post]")].find(typed);
    if (!form) return;
    event.preventDefault();
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "held", value: "now" }));
    HTMLFormElement.prototype.submit.call(form);
  });
})();
