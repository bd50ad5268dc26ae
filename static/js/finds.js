// [data-finds]: a search within a form. It answers while one types (hx-get), so Enter does nothing more: it must not send
// the form. Without scripts the form's first button says that Enter sent it, and the server finds out (web/whom_part.py).
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing && event.target.matches?.("[data-finds]")) event.preventDefault();
});
