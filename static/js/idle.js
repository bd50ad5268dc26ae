// <body data-idle="/kiosk/still-there" data-idle-after="45">: without a touch for that long the page asks.
// Counts touches only; what is asked and what is wiped is the server's (V13).
(() => {
  const body = document.body, url = body.dataset.idle;
  if (!url) return;
  const wait = (Number(body.dataset.idleAfter) || 45) * 1000;
  let timer;
  const count = () => { clearTimeout(timer); timer = setTimeout(() => location.replace(url), wait); };
  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll", "wheel"])
    addEventListener(kind, count, { passive: true, capture: true });
  // A page shown again from the back/forward cache belongs to somebody who may have left.
  addEventListener("pageshow", (event) => (event.persisted ? location.reload() : count()));
  count();
})();
