// Pages that are kept for places without a network (static/js/offline.js keeps them; https or this machine only).
//   body[data-worker=address]   starts the worker
//   form[data-forget]           sent, it wipes what is kept (log out, lock); data-forget="now": wherever it stands (sign-in)
//   html[data-kept]             this is a kept page, until the first answer from the house
(() => {
  if (!isSecureContext || !navigator.serviceWorker) return;
  const forget = () => caches.delete("foyer-pages"), root = document.documentElement;
  if (document.querySelector("form[data-forget=now]")) forget();
  addEventListener("submit", (event) => { if (event.target.dataset.forget !== undefined) forget(); });
  const { worker } = document.body.dataset;
  if (worker) navigator.serviceWorker.register(worker).catch(() => {});
  document.addEventListener("htmx:after:swap", () => delete root.dataset.kept);
})();
