// <time data-clock datetime="2025-11-21T05:42:10Z">13:42</time>: goes on counting from what the server wrote,
// so the zone and the true time stay the server's.
(() => {
  let clocks, began;
  const two = (number) => String(number).padStart(2, "0");
  const look = () => {
    began = Date.now();
    clocks = [...document.querySelectorAll("[data-clock]")].map((element) => {
      const [hours, minutes] = element.textContent.trim().split(":").map(Number);
      const seconds = Number(/:(\d\d)Z/.exec(element.dateTime)?.[1] ?? 0);
      return { element, start: (hours * 60 + minutes) * 60 + seconds };
    }).filter((clock) => Number.isFinite(clock.start));
  };
  look();
  document.addEventListener("house:page", look);
  setInterval(() => {
    for (const { element, start } of clocks) {
      const minute = Math.floor((start + (Date.now() - began) / 1000) / 60) % 1440;
      const text = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
})();
