// Taking a photo: <form data-photo> with input[name=picture], video[data-photo-view], button[data-photo-take] and
// p[data-photo-refused]. Where there is no camera the words of the last one are shown and "without a photo" remains.
(() => {
  let stop;
  const look = () => {
    stop?.();
    stop = null;
    const form = document.querySelector("form[data-photo]");
    if (form) start(form);
  };
  const start = async (form) => {
    const view = form.querySelector("[data-photo-view]"), take = form.querySelector("[data-photo-take]");
    const refused = form.querySelector("[data-photo-refused]");
    let stream;
    take.addEventListener("click", () => {
      const side = Math.min(view.videoWidth, view.videoHeight), canvas = document.createElement("canvas");
      canvas.width = canvas.height = Math.min(side, 480);
      canvas.getContext("2d").drawImage(view, (view.videoWidth - side) / 2, (view.videoHeight - side) / 2, side, side, 0, 0, canvas.width, canvas.height);
      form.elements.picture.value = canvas.toDataURL("image/jpeg", 0.85);
      form.requestSubmit();
    });
    const over = stop = () => stream?.getTracks().forEach((track) => track.stop());
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 960, height: 720 } });
      if (!form.isConnected) return over(); // gone on meanwhile
      view.srcObject = stream;
      await view.play();
      view.hidden = take.hidden = false;
    } catch {
      refused.hidden = false;
    }
  };
  addEventListener("pagehide", () => stop?.());
  document.addEventListener("house:page", look);
  look();
})();
