/* The intake's small comforts: Ctrl+Enter saves from any field, and a guessed category is taken by a click. */
(() => {
  "use strict";

  const form = document.getElementById("intake");
  if (!form) return;

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector(".hf-foot .btn-primary"));
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick]");
    if (!button) return;
    const field = form.elements.category;
    field.value = button.dataset.pick;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });

  /* Who was just found is written about next. */
  const words = form.elements.words;
  if (form.elements.customer.value && !words.value && !form.querySelector("[autofocus]")) words.focus();
})();
