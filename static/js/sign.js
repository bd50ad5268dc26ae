// Signing: <div data-sign="field"> holds svg.ink with a path; what is drawn on it goes into that field of its form as the
// path's data. button[data-sign-clear] of the same form begins anew. A drawn signature takes back [name=how], whose
// details[data-sign-else] are shut until they are needed, so that the form fits a tablet.
(() => {
  document.querySelectorAll("[data-sign-else]:not(:has(:checked, .err))").forEach((other) => { other.open = false; });
  const LONGEST = 19000;
  let pad = null;
  const at = (svg, event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return `${Math.round(point.x * 10) / 10} ${Math.round(point.y * 10) / 10}`;
  };
  const field = (box) => box.closest("form").elements[box.dataset.sign];
  const draw = (event, sign) => {
    const svg = pad.querySelector("svg"), path = svg.querySelector("path"), input = field(pad);
    const more = input.value + sign + at(svg, event);
    if (more.length > LONGEST) return;
    input.value = more;
    path.setAttribute("d", more);
  };
  addEventListener("pointerdown", (event) => {
    const box = event.target.closest?.("[data-sign]");
    if (!box || event.button) return;
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    pad = box;
    box.closest("form").querySelectorAll("[name=how]:checked").forEach((choice) => { choice.checked = false; });
    draw(event, "M");
    draw(event, "L");
  });
  addEventListener("pointermove", (event) => {
    if (pad) (event.getCoalescedEvents?.() ?? [event]).forEach((one) => draw(one, "L"));
  });
  const lift = () => { pad = null; };
  addEventListener("pointerup", lift);
  addEventListener("pointercancel", lift);
  addEventListener("click", (event) => {
    const clear = event.target.closest?.("[data-sign-clear]");
    if (!clear) return;
    const box = clear.form.querySelector("[data-sign]");
    field(box).value = "";
    box.querySelector("path").setAttribute("d", "");
  });
})();
