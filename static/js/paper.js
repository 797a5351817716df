/* The print button of pages for paper; without JavaScript the browser's own menu prints them. */
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
