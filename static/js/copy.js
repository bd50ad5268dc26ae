// <button data-copy="id" data-copied="words" hidden>: selects what the element of that id holds and copies it. Where the
// browser does not copy, it stands selected. No clipboard API: it is missing where the house is served without TLS.
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (source.select) source.select(); else getSelection().selectAllChildren(source);
    if (document.execCommand("copy")) button.firstElementChild.textContent = button.dataset.copied;
  });
  document.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
})();
