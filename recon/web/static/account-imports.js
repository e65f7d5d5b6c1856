// The entry row of account imports: kind and company decide the accounts, Tab on the last field keeps the row,
// Enter on a listed one brings it back, Ctrl+Delete removes it.
(() => {
  const row = document.getElementById("import-row");
  const removal = document.getElementById("import-remove");
  if (!row) return;
  const field = (name) => row.elements[name];

  // The accounts of the company and kind that stand now; those of earlier ones are gone at once, and never come back late.
  let asked = 0;
  const offer = async (chosen = "") => {
    const ticket = ++asked;
    field("account").replaceChildren(new Option("", ""));
    const query = new URLSearchParams({ company: field("company").value, kind: field("kind").value });
    const answer = field("company").value ? await fetch(`${row.dataset.accounts}?${query}`) : null;
    const accounts = answer?.ok ? await answer.json() : [];
    if (ticket !== asked) return;
    field("account").append(...accounts.map((each) => new Option(`${each.number} ${each.name}`, each.number, false, each.number === chosen)));
  };
  field("kind").addEventListener("change", () => offer());
  field("company").addEventListener("change", () => offer());

  const last = field("negate");
  const warn = () => { document.getElementById("sign-kept").hidden = last.checked; };
  last.addEventListener("change", warn);
  last.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || !field("account").value) return;
    event.preventDefault();
    row.requestSubmit();
  });

  const edit = (button) => {
    const held = JSON.parse(button.dataset.import);
    field("kind").value = held.kind;
    field("company").value = held.company;
    offer(held.account);
    field("filter_field").value = held.filter?.field ?? "department";
    field("filter_op").value = held.filter?.op ?? "equals";
    field("filter_value").value = [held.filter?.value ?? ""].flat().join(", ");
    field("name").value = held.name;
    field("negate").checked = held.negate;
    warn();
    row.querySelector(".in-use").hidden = held.used.length === 0;
    field("kind").focus();
  };
  for (const button of document.querySelectorAll("[data-import]")) {
    button.addEventListener("click", () => edit(button));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Delete" || !event.ctrlKey) return;
      event.preventDefault();
      const held = JSON.parse(button.dataset.import);
      removal.elements.name.value = held.name;
      removal.elements.dissolving.checked = held.used.length > 0;
      removal.dataset.confirm = button.dataset.ask;
      removal.requestSubmit();
    });
  }
  offer();
})();
