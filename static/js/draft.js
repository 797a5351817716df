/* Keeps a draft of the open call on the server while something changes, so that nothing typed is lost with the browser,
   the sign-in or the network. Nothing is kept in the browser: it would be personal data on a shared machine. */
(() => {
  "use strict";

  const desk = document.getElementById("desk");
  if (!desk?.dataset.draft) return;
  const AFTER = 4000, AGAIN = 5000, PATIENCE = 8000;
  const at = (id) => document.getElementById(id);
  let kept = Number(desk.dataset.kept), changed = false, busy = false, timer = 0;
  let over = false, failing = false, signedOut = false, leaving = false;

  const show = (id, on) => { if (at(id)) at(id).hidden = !on; };
  const say = () => {
    show("kept", !failing && !over && Boolean(at("kept")?.querySelector("[data-kept-at]").textContent));
    show("unkept", failing && !over);
    show("signed-out", signedOut);
  };
  const schedule = (wait) => { if (!timer && !over) timer = setTimeout(keep, wait); };
  /* Who signs in again in another tab has a new token in the cookie; this page goes on with it. */
  const freshen = () => {
    const token = /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    if (token) desk.elements.csrfmiddlewaretoken.value = token;
  };
  const typed = (number) => {
    const data = new URLSearchParams(new FormData(desk));
    data.set("number", number);
    return data;
  };

  const keep = async () => {
    timer = 0;
    if (over || busy || leaving || !changed) return;
    [busy, changed] = [true, false];
    const asked = { method: "POST", body: typed(kept + 1), headers: { "HX-Request": "true" }, keepalive: true };
    const answer = await fetch(desk.dataset.draft, { ...asked, signal: AbortSignal.timeout?.(PATIENCE) }).catch(() => null);
    const told = await answer?.json().catch(() => ({})) ?? {};
    busy = false;
    if (answer?.ok) {
      kept = told.number;
      failing = signedOut = false;
      at("kept").querySelector("[data-kept-at]").textContent = told.at;
      if (changed) schedule(AFTER);
    } else if (answer?.status === 409) {
      over = true;
      document.querySelector("[data-lost]").textContent = told.message;
      show("lost", true);
    } else {
      signedOut = answer ? answer.status === 401 || (signedOut && answer.status === 403) : signedOut;
      failing = changed = true;
      if (answer?.status === 401 || answer?.status === 403) freshen();
      schedule(AGAIN);
    }
    say();
  };

  const note = () => { changed = true; schedule(failing ? AGAIN : AFTER); };
  desk.addEventListener("input", note);
  desk.addEventListener("change", note);
  at("unkept")?.querySelector("button").addEventListener("click", () => { changed = true; keep(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); else if (signedOut) keep(); });
  window.addEventListener("pagehide", () => {
    if (over || leaving || !(changed || busy)) return;
    navigator.sendBeacon(desk.dataset.draft, typed(kept + 2));
    kept += 1;
  });

  /* A save would end at the sign-in page with all that was typed since: first the sign-in, then the save. */
  desk.addEventListener("submit", (event) => {
    if (signedOut) {
      event.preventDefault();
      event.stopPropagation();
      at("signed-out").scrollIntoView({ block: "center" });
      at("signed-out").querySelector("a").focus();
      keep();
      return;
    }
    leaving = true;
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (failing && changed && !leaving) event.preventDefault(); });

  if (desk.dataset.unsaved) note();
  say();
})();
