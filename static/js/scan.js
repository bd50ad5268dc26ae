// Scanners that type: the first key that no field would take goes into input[data-scan-target], the page's own one
// before that in the head.
// Cameras, where the browser has BarcodeDetector: <button type="button" data-scan="field name" data-scan-stop="Stop"
// data-scan-refused="The camera is not available." hidden> fills that field of its form and sends the form.
(() => {
  const types = "input:not([type=radio],[type=checkbox],[type=button],[type=submit],[type=color],[type=range]),textarea,select,[contenteditable]";
  addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.activeElement?.matches(types)) return;
    const input = document.querySelector("main input[data-scan-target]") ?? document.querySelector("input[data-scan-target]");
    if (!input) return;
    input.focus();
    input.select();
  });

  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return;
  let stop = null;

  const start = async (button) => {
    const words = button.lastChild, text = words.textContent, form = button.form;
    const video = Object.assign(document.createElement("video"), { className: "camera", muted: true, playsInline: true });
    let stream, over = false;
    stop = () => {
      over = true;
      stop = null;
      stream?.getTracks().forEach((track) => track.stop());
      video.remove();
      words.textContent = text;
    };
    try {
      const known = await BarcodeDetector.getSupportedFormats();
      const formats = ["qr_code", "code_128", "code_39", "ean_13"].filter((format) => known.includes(format));
      const detector = new BarcodeDetector({ formats });
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (over) return stream.getTracks().forEach((track) => track.stop());
      words.textContent = button.dataset.scanStop || text;
      video.srcObject = stream;
      form.after(video);
      await video.play();
      while (!over) {
        const [code] = await detector.detect(video);
        if (code && !over) {
          form.elements[button.dataset.scan].value = code.rawValue;
          stop();
          form.requestSubmit();
          return;
        }
        await new Promise((next) => setTimeout(next, 150));
      }
    } catch {
      stop?.();
      button.hidden = true;
      form.after(Object.assign(document.createElement("p"), { className: "soft", role: "status", textContent: button.dataset.scanRefused || "" }));
    }
  };

  const look = () => {
    stop?.();
    document.querySelectorAll("button[data-scan]").forEach((button) => { button.hidden = false; });
  };
  look();
  document.addEventListener("house:page", look);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-scan]");
    if (button) stop ? stop() : start(button);
  });
  addEventListener("pagehide", () => stop?.());
})();
