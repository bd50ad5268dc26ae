// [data-away="… %s …"][hidden]: says that no answer comes from the house, and since when: at once when something pressed
// could not be sent, else when a poll and then a question failed too. It goes by itself with the next answer.
// At the desk a POST form is sent once the house has answered: the browser's own error page takes away what was typed.
// A kiosk keeps its page until the next is there (onward.js).
// Where ticks are kept for later (outbox.js), nothing here is true.
(() => {
  const house = document.currentScript.src;
  let bar = document.querySelector("[data-away]");
  if (!bar || document.querySelector("[data-outbox-owner]")) return;
  const PATIENCE = 4000, AGAIN = 4000, PROXY = [502, 504], kiosk = document.documentElement.classList.contains("kiosk");
  const passed = new WeakSet();
  let failed = 0, since = "", asking;

  const answered = () => {
    failed = 0;
    since = "";
    bar.hidden = true;
    asking = clearInterval(asking);
  };
  const silent = (pressed) => {
    since ||= document.querySelector("[data-clock]")?.textContent ?? new Date().toTimeString().slice(0, 5);
    failed += pressed ? 2 : 1;
    asking ??= setInterval(answers, AGAIN);
    if (failed < 2 || !bar.hidden) return;
    bar.role = "alert"; // not before: an empty one would be the first on every page
    bar.hidden = false;
    bar.querySelector("p").textContent = bar.dataset.away.replace("%s", since);
  };
  const answers = async (pressed = false) => {
    try {
      const answer = await fetch(house, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (PROXY.includes(answer.status)) throw answer.status;
    } catch {
      silent(pressed);
      return false;
    }
    answered();
    return true;
  };

  // A house that hangs is asked about before its poll gives up.
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => { ctx.late = setTimeout(answers, PATIENCE); });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => clearTimeout(ctx.late));
  document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
    if (ctx?.request && !ctx.response) silent(ctx.request.method !== "GET");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { request, response } = event.detail.ctx;
    if (!PROXY.includes(response.status)) return answered();
    event.preventDefault(); // the proxy's own page takes no region's place
    silent(request.method !== "GET");
  });
  addEventListener("house:late", async ({ detail: giveUp }) => { if (!await answers(true)) giveUp(); });
  addEventListener("house:silent", () => {
    silent(true);
    document.dispatchEvent(new Event("house:asked"));
  });
  document.addEventListener("house:page", () => {
    bar = document.querySelector("[data-away]");
    answered();
  });
  if (!kiosk) addEventListener("submit", async (event) => {
    const form = event.target, { submitter } = event;
    if (passed.delete(form) || form.method !== "post" || form.matches("[hx-post], [method=dialog], [data-forget]")) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // the behaviours of this form have their turn when it is sent
    const there = await answers(true);
    form.dispatchEvent(new Event("house:asked", { bubbles: true }));
    if (!there) return;
    passed.add(form);
    form.requestSubmit(submitter);
  }, true);
  if (!kiosk) return;
  // Nobody there and no house to ask: at least nothing of what was typed stays to be read, nor of who signed in (V13).
  addEventListener("idle:asks", async (event) => {
    event.preventDefault();
    if (await answers(true)) return event.detail();
    for (const field of document.querySelectorAll("input:not([type=hidden]), textarea")) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else field.value = "";
    }
    if (document.body.dataset.leave) {
      for (const part of document.querySelectorAll(".say, .foot, main > :not([data-away])")) part.hidden = true;
      bar.querySelector("p").textContent = bar.dataset.awayLeft;
    }
    setTimeout(() => dispatchEvent(new CustomEvent("idle:asks", { detail: event.detail, cancelable: true })), AGAIN);
  });
})();
