// The outbox: ticks made without a network are kept in the browser and sent when it is back, each once.
//   [data-outbox-owner]      the region: whose ticks, with the words data-outbox-count ("Not sent yet: %d"),
//                            data-outbox-signin, data-outbox-others; it is told by the event outbox:sent
//   form[data-outbox=key]    one tick of one thing; of one key there waits one at most
//                            data-outbox-needs: a field without which nothing is kept
//   [data-outbox-key=key]    carries data-waits while its tick waits
//   [data-outbox-note]       what has not been sent; [data-outbox-said] what was answered to a tick that came too late
// Each tick has an id of this device. It is sent as the plain form it is, with X-Outbox: 1 and its age in seconds, and the
// server answers the same id always in the same way: {outcome, words}. (web/ticks.py, domain/ticks.py)
(() => {
  const KEPT = "foyer-outbox", SAID = "foyer-outbox-said", PATIENCE = 15000, AGAIN = 10000;
  const region = () => document.querySelector("[data-outbox-owner]");
  if (!region()) return;
  const read = (name) => {
    try { return JSON.parse(localStorage.getItem(name)) ?? []; } catch { return []; }
  };
  const write = (name, list) => localStorage.setItem(name, JSON.stringify(list));
  const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const mine = () => read(KEPT).filter((one) => one.owner === region()?.dataset.outboxOwner);
  let sending = false, again = null, stranger = false;

  const show = (selector, text) => {
    for (const element of document.querySelectorAll(selector)) {
      element.hidden = !text;
      const place = element.querySelector("[data-words]") ?? element;
      if (place.textContent !== text) place.textContent = text;
    }
  };
  const draw = () => {
    const root = region();
    if (!root) return;
    const own = mine(), keys = new Set(own.map((one) => one.key)), others = read(KEPT).length - own.length;
    for (const element of root.querySelectorAll("[data-outbox-key]"))
      element.toggleAttribute("data-waits", keys.has(element.dataset.outboxKey));
    const words = [];
    if (own.length) words.push((stranger ? root.dataset.outboxSignin : root.dataset.outboxCount).replace("%d", own.length));
    if (others) words.push(root.dataset.outboxOthers.replace("%d", others));
    show("[data-outbox-note]", words.join(" "));
    show("[data-outbox-said]", read(SAID).join(" "));
  };

  const send = async () => {
    if (sending) return;
    sending = true;
    clearTimeout(again);
    let sent = 0;
    for (let one; (one = mine()[0]); sent += 1) {
      let answer;
      try {
        const body = new URLSearchParams([...one.body, ["age", String(Math.max(0, Math.round((Date.now() - one.at) / 1000)))]]);
        answer = await fetch(one.url, { method: "POST", body, headers: { "X-Outbox": "1" }, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      } catch {
        break;
      }
      stranger = answer.type === "opaqueredirect";
      if (stranger || answer.status >= 500 || answer.status === 429) break;
      const { outcome, words } = await answer.json().catch(() => ({ outcome: "refused", words: "" }));
      if (outcome !== "taken" && words) write(SAID, [...read(SAID), words].slice(-5));
      write(KEPT, read(KEPT).filter((other) => other.id !== one.id));
    }
    sending = false;
    if (mine().length) again = setTimeout(send, AGAIN);
    draw();
    if (sent) region()?.dispatchEvent(new CustomEvent("outbox:sent", { bubbles: true }));
  };

  addEventListener("submit", (event) => {
    const form = event.target, root = region();
    if (!root || form.dataset.outbox === undefined || event.defaultPrevented) return;
    const body = new FormData(form, event.submitter);
    const needed = form.elements[form.dataset.outboxNeeds];
    if (needed && !needed.value.trim() && navigator.onLine) return; // the server says what is missing
    event.preventDefault();
    if (needed && !needed.value.trim()) return needed.focus();
    if (mine().some((one) => one.key === form.dataset.outbox)) return;
    const id = newId();
    body.set("tick", id);
    const kept = { id, owner: root.dataset.outboxOwner, key: form.dataset.outbox, url: form.action, at: Date.now(), body: [...body].filter(([name]) => name !== "age") };
    write(KEPT, [...read(KEPT), kept]);
    draw();
    send();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-outbox-seen]")) return;
    write(SAID, []);
    draw();
  });
  // A sheet that asks for itself must not take away what is being typed.
  document.addEventListener("htmx:before:request", (event) => {
    if (region()?.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]), textarea")) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", draw);
  addEventListener("online", send);
  addEventListener("pageshow", () => { draw(); send(); });
})();
