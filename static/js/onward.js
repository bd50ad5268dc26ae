// Kiosk, and the visitor's own phone: the page that a link or form leads to takes the place of this one. Loading it anew
// takes a browser longer than asking for it and drawing it. Whatever cannot be shown so is loaded as ever.
// While a form that changes something is out, nothing else leads away; the second touch of a double one does not fall on
// what came in the place of what was touched. What is not answered stays as it is, with everything typed, and
// away.js says so; sent again, its one-time token holds.
// Event "house:page" on document: another page stands here now; each behaviour looks at it again.
(() => {
  const PATIENCE = 15000, LATE = 1000, DOUBLE = 350, NEAR = 24, NOBODY = "nobody answers";
  const scripts = (page) => [...page.querySelectorAll("head script")].map((script) => script.src).join();
  const sheets = (page) => [...page.querySelectorAll("head link[rel=stylesheet]")];
  let here = location.pathname + location.search, underway, shown = 0, touched = { at: -DOUBLE };

  const show = (page, url) => {
    const { documentElement: root, head } = document, known = sheets(document).map((sheet) => sheet.href);
    for (const sheet of sheets(page)) if (!known.includes(sheet.href)) head.append(sheet);
    for (const name of ["lang", "dir", "class"]) {
      const value = page.documentElement.getAttribute(name);
      value === null ? root.removeAttribute(name) : root.setAttribute(name, value);
    }
    document.title = page.title;
    document.body.replaceWith(page.body);
    htmx.process(document.body);
    scrollTo(0, 0);
    const first = document.querySelector("[autofocus]") ?? document.querySelector("h1");
    if (first.matches("h1")) first.tabIndex = -1; // whoever listens to the page hears what it asks
    first.focus({ preventScroll: true });
    const at = new URL(document.body.dataset.address || url, url), next = at.pathname + at.search;
    history[next === here ? "replaceState" : "pushState"](null, "", next);
    here = next;
    shown = performance.now();
    document.dispatchEvent(new Event("house:page"));
  };

  const go = async (url, options) => {
    if (underway?.posts) return;
    underway?.abort();
    const mine = underway = new AbortController(), get = !options.body;
    mine.posts = !get;
    const late = setTimeout(() => dispatchEvent(new CustomEvent("house:late", { detail: () => mine.abort(NOBODY) })), LATE);
    try {
      const signal = AbortSignal.any?.([mine.signal, AbortSignal.timeout(PATIENCE)]) ?? mine.signal;
      const answer = await fetch(url, { ...options, signal, headers: { Accept: "text/html" } });
      if ([502, 504].includes(answer.status)) throw answer.status; // the proxy's own page
      if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return location.assign(url);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== underway) return;
      if (scripts(page) !== scripts(document) && (get || answer.redirected)) return location.assign(answer.url);
      show(page, answer.url);
    } catch {
      if (!mine.signal.aborted || mine.signal.reason === NOBODY) dispatchEvent(new Event("house:silent"));
    } finally {
      clearTimeout(late);
      if (mine === underway) underway = null;
    }
  };

  addEventListener("click", (event) => {
    const { pointerType, detail, clientX: x, clientY: y } = event, at = performance.now(), before = touched;
    if (!detail) return; // by a key
    touched = { at, x, y };
    if (pointerType === "mouse" && detail < 2) return;
    if (shown < before.at || at - before.at > DOUBLE || Math.hypot(x - before.x, y - before.y) > NEAR) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  addEventListener("submit", (event) => {
    const form = event.target, { submitter } = event;
    if (event.defaultPrevented || form.matches("[hx-post], [method=dialog]")) return;
    event.preventDefault();
    const entered = new FormData(form);
    if (submitter?.name) entered.append(submitter.name, submitter.value);
    const words = new URLSearchParams(entered);
    const url = new URL(submitter?.getAttribute("formaction") ?? form.action, location);
    if ((submitter?.formMethod || form.method) === "post") return go(url, { method: "POST", body: form.enctype.startsWith("multipart") ? entered : words });
    url.search = words;
    go(url, {});
  });
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || link.origin !== location.origin || link.hash || link.target || link.download
      || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href, {});
  });
  addEventListener("popstate", () => {
    if (location.pathname + location.search !== here) location.reload();
  });
})();
