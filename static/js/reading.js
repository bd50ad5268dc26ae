// [data-reading]: entries are read by keyboard while the focus is within. j and k go to the next and the last entry
// ([data-entry], a link that shows it beside), x ticks, c goes to the comment beside, s to the signature, Escape comes
// back to the entry. Where the part beside is drawn anew under the focus, the entry gets it. Nothing is fetched here:
// the links do that.
(() => {
  const typed = "input:not([type=checkbox]), textarea, select";
  const go = (room, way) => {
    const entries = [...room.querySelectorAll("[data-entry]")];
    const row = document.activeElement.closest("tr");
    const now = entries.findIndex((entry) => entry.closest("tr") === row);
    const then = now < 0 ? entries.findIndex((entry) => entry.matches("[aria-current]")) + way : now + way;
    const next = entries[Math.min(Math.max(then, 0), entries.length - 1)];
    if (!next) return;
    next.focus();
    next.click();
  };
  const back = (room) => (room.querySelector("[data-entry][aria-current]") ?? room.querySelector("[data-entry]"))?.focus({ preventScroll: true });
  const deeds = {
    j: (room) => go(room, 1),
    k: (room) => go(room, -1),
    x: () => document.activeElement.closest("tr")?.querySelector("[type=checkbox]")?.click(),
    c: (room) => room.querySelector("[data-comment] textarea")?.focus(),
    s: (room) => room.querySelector("#sign textarea")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    const room = event.target.closest?.("[data-reading]");
    const deed = room && (event.target.matches(typed) ? event.key === "Escape" && back : deeds[event.key]);
    if (!deed || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation(); // else the search box takes it for a scanner's first key
    deed(room);
  });
  document.addEventListener("change", (event) => {
    const row = event.target.matches("[data-reading] [type=checkbox]") && event.target.closest("tr");
    if (row) row.classList.toggle("span", event.target.checked);
  });
  document.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-reading] [data-entry]");
    if (!entry) return;
    document.querySelectorAll("[data-entry][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    entry.setAttribute("aria-current", "true");
  });
  document.addEventListener("htmx:after:settle", () => {
    const room = document.activeElement === document.body && document.querySelector("[data-reading]");
    if (room) back(room);
  });
  document.querySelector("[data-reading] [data-entry]")?.focus({ preventScroll: true });
})();
