// .keys button[name=key]: a key on the screen writes into the field of its form at once, as many as data-most of .keys
// says. Without scripts each one sends the form, and the server writes.
document.addEventListener("click", (event) => {
  const key = event.target.closest(".keys [name=key]"), field = key?.form.querySelector("input.in");
  if (!field) return;
  event.preventDefault();
  const text = field.value;
  field.value = key.value === "del" ? text.slice(0, -1) : (text + key.value).slice(0, key.closest(".keys").dataset.most ?? 120);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
