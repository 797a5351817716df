/* Tells who else has this page open, and tells them about us. The page works without it; nobody is shown then. */
(() => {
  "use strict";

  const box = document.getElementById("presence");
  if (!box) return;
  const EVERY = 10000, STILL_WRITING = 30000, PATIENCE = 8000;
  let timer = 0, over = false, writing = "", wrote = 0;

  const token = () => /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? box.dataset.token;
  const said = (extra) => {
    const now = Date.now() - wrote < STILL_WRITING ? writing : "";
    return new URLSearchParams({ csrfmiddlewaretoken: token(), writing: now, ...extra });
  };
  const beat = async () => {
    clearTimeout(timer);
    if (over || document.hidden) return;
    timer = setTimeout(beat, EVERY);
    const asked = { method: "POST", body: said(), headers: { "HX-Request": "true" } };
    const answer = await fetch(box.dataset.url, { ...asked, signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
    if (answer?.ok && answer.status === 200) {
      const told = (await answer.text()).trim();
      if (told !== box.innerHTML.trim()) box.innerHTML = told;
    } else if (answer) {
      over = true; // signed out, or no longer ours to see: the next page will tell
      box.replaceChildren();
    }
  };
  const leave = () => {
    clearTimeout(timer);
    if (!over) navigator.sendBeacon(box.dataset.url, said({ leave: "1" }));
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[id^='step-']");
    if (!form) return;
    const fresh = Date.now() - wrote >= STILL_WRITING || writing !== form.id.slice(5);
    [writing, wrote] = [form.id.slice(5), Date.now()];
    if (fresh) beat();
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : beat()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", beat);
})();
