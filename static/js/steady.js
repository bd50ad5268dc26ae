// [data-steady]: a region whose rows move when it is drawn anew. For a moment afterwards a touch counts only on the row
// that stood there before: the second touch of a double one must not reach the next visitor. And who did something by
// keyboard goes on from the same row, wherever it stands now; its ids end in the ref: in-7kq2 becomes left-7kq2.
(() => {
  const MOMENT = 700, ROWS = ":is(.row, .note)[id]";
  let stood = [], since = -MOMENT, held = null;
  const regionOf = (event) => {
    const { target, ctx } = event.detail ?? {};
    return [ctx?.target, target, event.target].find((one) => one?.closest?.("[data-steady]"))?.closest("[data-steady]");
  };
  document.addEventListener("htmx:before:swap", (event) => {
    const region = regionOf(event);
    if (!region) return;
    const now = performance.now();
    if (now - since >= MOMENT)
      stood = [...region.querySelectorAll(ROWS)].map((row) => [row.id, row.getBoundingClientRect()]);
    since = now;
    const row = document.activeElement?.closest(`[data-steady] ${ROWS}`);
    held = row && { ref: row.id.split("-").pop(), column: row.closest("section")?.querySelector("h2")?.id };
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!held) return;
    const { ref, column } = held, lost = document.activeElement === document.body;
    held = null;
    if (!lost) return;
    const place = document.querySelector(`[data-steady] [id$="-${ref}"] :is(a, .btn)`) ?? (column && document.getElementById(column));
    if (place?.localName === "h2") place.tabIndex = -1;
    place?.focus({ preventScroll: true });
  });
  addEventListener("click", (event) => {
    if (!event.detail || performance.now() - since >= MOMENT) return;
    const row = event.target.closest(`[data-steady] ${ROWS}`);
    if (!row) return;
    const { clientX: x, clientY: y } = event;
    const before = stood.find(([, { left, right, top, bottom }]) => x >= left && x < right && y >= top && y < bottom);
    if (before?.[0] === row.id) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
})();
