// Suggestions by keyboard: arrows between them, A accept, R reject, U unmatch, W why.
(() => {
  const all = () => [...document.querySelectorAll(".pairing[tabindex]")];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
    const at = event.target.closest(".pairing");
    if (!at) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const list = all();
      list[list.indexOf(at) + step]?.focus();
      event.preventDefault();
    } else {
      at.querySelector(`[data-key="${event.key.toLowerCase()}"]`)?.click();
    }
  });
})();
