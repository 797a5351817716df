/* Keeps on the server what the customer taps, so that a reload loses nothing; the browser keeps nothing. */
(() => {
  "use strict";

  const form = document.querySelector("[data-sitting]");
  if (!form) return;
  const AFTER = 700;
  let timer = 0, leaving = false;

  const keep = () => {
    timer = 0;
    if (leaving) return;
    const data = new FormData(form);
    data.set("go", "keep");
    fetch(form.action, { method: "POST", body: data, keepalive: true }).catch(() => null);
  };
  const note = () => { clearTimeout(timer); timer = setTimeout(keep, AFTER); };
  form.addEventListener("change", note);
  form.addEventListener("input", note);
  form.addEventListener("submit", (event) => {
    if (leaving) { event.preventDefault(); return; }
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("pagehide", () => { if (timer && !leaving) keep(); });
  document.querySelector(".is-wrong")?.scrollIntoView({ block: "center" });
})();
