/* The search box: arrow keys walk through what stands under it, Enter opens it or shows everything, Escape closes. */
(() => {
  "use strict";

  const box = document.getElementById("find");
  const list = document.getElementById("found");
  if (!box || !list) return;

  const links = () => [...list.querySelectorAll("[role=option]")];
  const show = (open) => {
    list.classList.toggle("is-open", open);
    box.setAttribute("aria-expanded", String(open));
    if (!open) mark(null);
  };
  const marked = () => list.querySelector("[aria-selected=true]");
  const mark = (link) => {
    marked()?.removeAttribute("aria-selected");
    if (link) {
      link.setAttribute("aria-selected", "true");
      link.scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", link.id);
    } else {
      box.removeAttribute("aria-activedescendant");
    }
  };

  list.addEventListener("htmx:afterSwap", () => show(box.value.trim() !== "" && document.activeElement === box));
  box.addEventListener("input", () => box.value.trim() === "" && show(false));
  box.addEventListener("focus", () => box.value.trim() !== "" && list.children.length && show(true));
  document.addEventListener("click", (event) => event.target.closest(".hf-search") || show(false));

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = links();
    const here = all.indexOf(marked());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!all.length) return;
      event.preventDefault();
      show(true);
      mark(all[(here + (event.key === "ArrowDown" ? 1 : all.length + (here < 0 ? 0 : -1))) % all.length]);
    } else if (event.key === "Enter" && here >= 0) {
      event.preventDefault();
      all[here].click();
    } else if (event.key === "Escape") {
      show(false);
    }
  });
})();

/* Through a list from card to card: j or → to the next, k or ← to the one before. */
(() => {
  "use strict";

  const keys = { j: "next", ArrowRight: "next", k: "previous", ArrowLeft: "previous" };
  document.addEventListener("keydown", (event) => {
    const step = keys[event.key];
    if (!step || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const at = document.activeElement;
    if (at && at !== document.body && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT|SUMMARY)$/.test(at.tagName))) return;
    if (document.querySelector("dialog[open]")) return;
    document.querySelector(`a[data-step=${step}]`)?.click();
  });
})();
