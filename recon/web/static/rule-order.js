// The order of rules: dragged by the grip, or moved with the arrow keys on it or with the buttons. Nothing is stored
// until the order is saved; what is doubtful about the new order is asked for at once (`reordered`).
(() => {
  const list = document.getElementById("rules");
  if (!list) return;
  const texts = JSON.parse(list.dataset.texts);
  const bar = document.getElementById("save-order");
  const rules = () => [...list.querySelectorAll(":scope > .rule-item")];
  const before = rules();

  const settled = (rule) => {
    rules().forEach((each, place) => { each.querySelector(".no").textContent = place + 1; });
    bar.hidden = rules().every((each, place) => each === before[place]);
    if (rule) {
      const place = rules().indexOf(rule) + 1;
      document.getElementById("moved").textContent = texts.moved.replace("%s", rule.dataset.name).replace("%n", place).replace("%m", before.length);
    }
    list.dispatchEvent(new Event("reordered"));
  };

  const move = (rule, step, control) => {
    const all = rules();
    const to = Math.max(0, Math.min(all.indexOf(rule) + step, all.length - 1));
    if (to === all.indexOf(rule)) return;
    if (step < 0) all[to].before(rule);
    else all[to].after(rule);
    settled(rule);
    control.focus();
    rule.scrollIntoView({ block: "nearest" });
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest(".rule-item"), Number(button.dataset.move), button);
  });

  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -9999, End: 9999 }[event.key];
    if (!step || !event.target.matches(".grip")) return;
    event.preventDefault();
    move(event.target.closest(".rule-item"), step, event.target);
  });

  // ---- dragging

  let dragged = null;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".rule-item");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.name);
    event.dataTransfer.setDragImage(dragged, 20, 15);
    dragged.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest(".rule-item");
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged);
    else over.after(dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    settled(dragged);
    dragged = null;
  });

  document.getElementById("undo-order").addEventListener("click", (event) => {
    event.preventDefault();
    list.append(...before);
    settled(null);
  });
})();
