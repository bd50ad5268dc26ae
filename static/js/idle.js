// Kiosk. <body data-idle="/kiosk/still-here" data-idle-after="45">: without a touch for that long the page asks.
// <form data-idle-keeps> is sent first, as aside=idle, so that a "yes" finds what was typed; what is asked and what is
// wiped is the server's (V13). <body data-leave="/kiosk" data-leave-after="40">: the page leads there by itself.
// Each page that comes in the place of another (onward.js) says for itself what is counted.
// The cookie tells the server that scripts count here, and its own Refresh is not needed.
(() => {
  document.cookie = `foyer_scripts=1; path=/; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  let timer, leaving;
  // away.js asks first whether there is a house to ask.
  const over = (go) => { if (dispatchEvent(new CustomEvent("idle:asks", { detail: go, cancelable: true }))) go(); };
  const wait = () => (Number(document.body.dataset.idleAfter) || 45) * 1000;
  const ask = () => {
    const form = document.querySelector("form[data-idle-keeps]");
    if (!form) return location.replace(document.body.dataset.idle);
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "aside", value: "idle" }));
    HTMLFormElement.prototype.submit.call(form);
  };
  const count = () => {
    clearTimeout(timer);
    if (document.body.dataset.idle) timer = setTimeout(over, wait(), ask);
  };
  const look = () => {
    const { leave, leaveAfter } = document.body.dataset;
    clearTimeout(leaving);
    if (leave) leaving = setTimeout(over, leaveAfter * 1000, () => location.replace(leave));
    count();
  };
  for (const kind of ["pointerdown", "pointermove", "keydown", "input", "scroll", "wheel"])
    addEventListener(kind, count, { passive: true, capture: true });
  // A page shown again from the back/forward cache belongs to somebody who may have left.
  addEventListener("pageshow", (event) => (event.persisted && document.body.dataset.idle ? location.reload() : count()));
  document.addEventListener("house:page", look);
  look();
})();
