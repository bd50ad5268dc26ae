// The service worker: keeps the last pages of the day for rooms that no network reaches. It works below its own address
// (blueprints/service/runs.py: /meetings/), and a page says itself that it may be kept (web/offline.py):
//   X-Keep: of=whose&as=/its/address&for=seconds
// A region that is answered with the same `as` takes its place in the kept page. The network comes first; without it the
// kept page is shown, as html[data-kept]. Only pages of one person are kept, none beyond its time, and none once Foyer sends
// the reader elsewhere (signed out, locked). What wipes them besides: static/js/kept.js.
const PAGES = "foyer-pages", FILES = "foyer-files", PATIENCE = 6000, BEFOREHAND = "/meetings/runs";
const said = (answer) => new URLSearchParams(answer.headers.get("X-Keep") ?? "");
const over = (answer) => !(Number(said(answer).get("until")) > Date.now());

// The shared files that the page names; those of older versions go.
const keepFiles = async (text) => {
  const cache = await caches.open(FILES), named = new Set([...text.matchAll(/="(\/static\/[^"#]+)/g)].map((found) => found[1]));
  for (const request of await cache.keys()) if (!named.delete(new URL(request.url).pathname)) await cache.delete(request);
  await cache.addAll([...named]);
};

const keep = async (answer) => {
  const words = said(answer), page = words.get("as");
  if (!page || !answer.ok) return;
  let text = await answer.text();
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) {
    const one = await cache.match(request, { ignoreVary: true });
    if (!one || over(one) || said(one).get("of") !== words.get("of")) await cache.delete(request, { ignoreVary: true });
  }
  if (!text.startsWith("<!doctype")) {
    const whole = await cache.match(page, { ignoreVary: true });
    if (!whole) return;
    text = (await whole.text()).replace(/<div class="whole"[^]*<\/body>/, () => `${text}\n</body>`);
  }
  const headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  words.set("until", Date.now() + 1000 * words.get("for"));
  headers.set("X-Keep", words);
  await cache.put(page, new Response(text, { headers }));
  await keepFiles(text);
};

const kept = async (url) => {
  const one = await caches.match(url.pathname + url.search, { cacheName: PAGES, ignoreVary: true });
  if (one && over(one)) await caches.delete(PAGES);
  else if (one) return new Response((await one.text()).replace("<html", "<html data-kept"), { headers: one.headers });
};

const late = () => new Promise((_, refuse) => setTimeout(refuse, PATIENCE, new Error("no answer")));
const page = async (event, url) => {
  const copy = event.request.mode === "navigate" ? await kept(url) : undefined;
  let answer;
  try {
    answer = await (copy ? Promise.race([fetch(event.request), late()]) : fetch(event.request));
  } catch (error) {
    if (copy) return copy;
    throw error;
  }
  if (copy && [502, 503, 504].includes(answer.status)) return copy;
  if (copy && !answer.ok) await caches.delete(PAGES);
  else event.waitUntil(keep(answer.clone()));
  return answer;
};

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/"))
    event.respondWith(caches.match(request, { cacheName: FILES, ignoreVary: true }).then((file) => file ?? fetch(request)));
  else if (request.mode === "navigate" || request.headers.has("HX-Request")) event.respondWith(page(event, url));
});
addEventListener("install", () => skipWaiting());
// What stood open before this worker is asked for again, once.
addEventListener("activate", (event) => event.waitUntil((async () => {
  await clients.claim();
  const open = (await clients.matchAll({ type: "window" })).map((one) => new URL(one.url).pathname);
  for (const path of new Set([BEFOREHAND, ...open])) await fetch(path).then(keep).catch(() => {});
})()));
