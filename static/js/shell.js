/* The shell's small comforts. Every page works without them. */
(() => {
  "use strict";

  const typing = (element) =>
    element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  /* "/" goes to the search box, unless the caret is in a field or an input method is composing. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(document.activeElement)) return;
    const box = document.getElementById("find");
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  /* A sheet opens by its button, and the one of the keys by "?"; a click beside it closes it. */
  const openSheet = (sheet) => sheet && !sheet.open && sheet.showModal();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.isComposing || typing(document.activeElement)) return;
    openSheet(document.getElementById("keys"));
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open]");
    if (button) openSheet(document.querySelector(button.dataset.open));
    if (event.target.matches("dialog.hf-sheet[open]")) event.target.close();
  });

  /* Escape leaves a field or closes an open menu; a click elsewhere closes menus. */
  const closeMenus = (except) =>
    document.querySelectorAll("details.hf-drop[open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    const menu = event.target.closest("details.hf-drop[open]");
    if (menu) menu.querySelector("summary").focus();
    else if (typing(event.target)) event.target.blur();
    closeMenus();
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.hf-drop")));

  /* A filter that changes sends its form; without JavaScript the form's own button does. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });

  /* A toast goes away when it is told to. */
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close-toast]");
    if (close) close.closest(".hf-toast").remove();
  });

  /* A form is sent once: its buttons rest until the answer is here (or the page is shown again). */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method")?.toLowerCase() !== "post" || form.dataset.sent) {
      if (form.dataset.sent) event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    form.dataset.sent = "1";
    form.querySelectorAll("[type=submit]").forEach((button) => button.setAttribute("aria-busy", "true"));
    setTimeout(() => release(form), 5000); // an answer that is a file leaves the page as it was
  });
  const release = (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  };
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  /* Copying a shown text: <button data-copy="#id">, hidden where it is of no use without JavaScript. On plain http, as
     in a store's own network, browsers give no clipboard; there a selected text is copied, and the focus comes back. */
  const copy = async (text, beside) => {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const here = document.activeElement;
    const field = document.createElement("textarea");
    field.className = "visually-hidden";
    field.value = text;
    beside.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    here?.focus({ preventScroll: true });
  };
  document.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const source = button && document.querySelector(button.dataset.copy);
    if (!source) return;
    await copy(source.value ?? source.dataset.value ?? source.textContent.trim(), button);
    const word = button.querySelector("[data-copied]");
    if (word) word.textContent = word.dataset.copied;
  });

  /* A wide page goes back to its menu: the offcanvas must not stay open behind it. */
  if (location.hash === "#nav") history.replaceState(null, "", location.pathname + location.search);
})();
