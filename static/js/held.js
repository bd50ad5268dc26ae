// What was typed and not sent is not lost with the page. form[data-go-on] is sent as soon as it is there (web/held.py);
// when a region is sent away to be unlocked, the form around what was touched goes along, marked as not to be saved; and
// form[data-lock] takes its fields along to the locked page.
(() => {
  document.querySelector("form[data-go-on]")?.requestSubmit();
  const touched = new WeakSet();
  addEventListener("input", ({ target }) => target.form && touched.add(target.form));
  const differs = (one) => one.matches("input:not([type=hidden]), textarea") && (one.value !== one.defaultValue || one.checked !== one.defaultChecked);
  const again = () => document.querySelector("main [role=alert]"); // it was sent and refused: all of it was typed
  const half = () => [...document.querySelectorAll("main form[method=post]")].find((form) =>
    form.querySelector("input:not([type=hidden]), textarea") && (touched.has(form) || again() || [...form.elements].some(differs)));
  const hidden = (name, value) => Object.assign(document.createElement("input"), { type: "hidden", name, value });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail ?? {}, to = ctx?.hx?.redirect;
    if (!to || !/\/(unlock|sign-in|password|second-factor(\/set-up)?)$/.test(new URL(to, location.href).pathname)) return;
    const form = half();
    if (!form) return;
    event.preventDefault();
    form.append(hidden("held", "now"));
    HTMLFormElement.prototype.submit.call(form);
  });
  addEventListener("submit", ({ target: lock }) => {
    const form = "lock" in lock.dataset && half();
    if (!form) return;
    const secret = (name) => name === "form_token" || form.elements[name]?.type === "password";
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string") { if (!secret(name)) lock.append(hidden(name, value)); }
      else if (value.name) lock.append(hidden("held_files", name)); // the file itself is chosen again
    }
    lock.action += `?typed=${encodeURIComponent(new URL(form.action).pathname)}`;
  });
})();
