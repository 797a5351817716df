/* Buttons that copy a shown text; without JavaScript it is selected and copied by hand. */
(() => {
  "use strict";

  const copy = async (field) => {
    field.select();
    if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy"); // plain http in a store's own network has no clipboard
  };

  document.querySelectorAll("[data-copy-text]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await copy(document.querySelector(button.dataset.copyText));
      const word = button.querySelector("[data-word]");
      word.textContent = word.dataset.word;
    });
  });
})();
