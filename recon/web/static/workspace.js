// The two panes of open lines: scrolling loads more, a selection shows its sums and difference at once, everything has a key.
(() => {
  const root = document.getElementById("workspace");
  if (!root) return;
  const places = Number(root.dataset.places);
  const texts = JSON.parse(root.dataset.texts);
  const form = document.getElementById("match-form");
  const sketch = document.getElementById("sketch"); // a new rule from the selected lines, for those who write rules
  const findSums = document.getElementById("find-sums");
  const addsUp = document.getElementById("adds-up");
  const panes = {};
  let active = "left";

  const escaped = (cell) => {
    const span = document.createElement("span");
    span.textContent = cell.getValue() ?? "";
    span.title = cell.getValue() ?? "";
    return span;
  };
  const amount = (cell) => money.write(cell.getValue(), places);
  const described = (cell) => {
    const box = document.createElement("span");
    box.className = "described";
    for (const key of cell.getRow().getData().marks) {
      const mark = document.createElement("span");
      mark.className = "mark accent";
      mark.textContent = texts[key];
      box.append(mark);
    }
    box.prepend(escaped(cell));
    return box;
  };

  const columns = [
    { formatter: "rowSelection", titleFormatter: "rowSelection", titleFormatterParams: { rowRange: "active" }, width: 30, minWidth: 30, headerSort: false, hozAlign: "center", headerHozAlign: "center", cssClass: "pick", responsive: 0 },
    { title: texts.date, field: "on", width: 108, cssClass: "date", headerSort: true, responsive: 0 },
    { title: texts.text, field: "text", minWidth: 150, widthGrow: 4, formatter: described, headerSort: false, responsive: 0 },
    { title: texts.counterparty, field: "counterparty", minWidth: 96, widthGrow: 3, formatter: escaped, headerSort: false, responsive: 3 },
    { title: texts.reference, field: "reference", minWidth: 108, widthGrow: 3, formatter: escaped, headerSort: false, responsive: 1 },
    { title: texts.amount, field: "open", width: 116, cssClass: "num", hozAlign: "right", headerHozAlign: "right", formatter: amount, headerSort: true, responsive: 0 },
  ];

  // A page of rows. Of a request that a newer one has overtaken nothing is ever heard again.
  const asked = async (state, url, params) => {
    const ticket = ++state.ticket;
    const sort = params.sort?.[0];
    const query = new URLSearchParams({
      page: params.page, search: state.search, sort: sort?.field || "on", order: sort?.dir || "asc",
      after: params.page > 1 ? state.next : "",
    });
    const answer = await fetch(`${url}?${query}`, { headers: { Accept: "application/json" } });
    const response = answer.ok ? await answer.json() : { data: [], next: "", last_page: 1 };
    if (ticket !== state.ticket) return new Promise(() => {});
    state.next = response.next;
    if (response.total) {
      document.getElementById(`total-${state.side}`).textContent = response.total.count;
      document.getElementById(`amount-${state.side}`).textContent = response.total.amount;
    }
    return response;
  };

  for (const side of ["left", "right"]) {
    const place = document.getElementById(`lines-${side}`);
    const state = { side, at: 0, search: "", next: "", ticket: 0, settled: Promise.resolve(), chosen: new Map() };
    state.table = new Tabulator(place, {
      ajaxURL: place.dataset.url,
      ajaxRequestFunc: (url, _config, params) => asked(state, url, params),
      progressiveLoad: "scroll",
      progressiveLoadScrollMargin: 400,
      paginationSize: 200,
      sortMode: "remote",
      height: `${Math.max(320, window.innerHeight - place.getBoundingClientRect().top - 56)}px`,
      rowHeight: 28,
      layout: "fitColumns",
      responsiveLayout: "hide",
      index: "id",
      selectableRows: true,
      headerSortElement: (_column, direction) => ({ asc: "↑", desc: "↓" }[direction] || ""),
      placeholder: texts.nothing_open,
      columns,
    });
    state.table.on("rowSelected", (row) => state.chosen.set(row.getData().id, row.getData().open));
    state.table.on("rowDeselected", (row) => state.chosen.delete(row.getData().id));
    state.table.on("rowSelectionChanged", () => sums());
    state.table.on("rowClick", (_event, row) => { active = side; move(state, row.getPosition(true) - 1); });
    state.table.on("renderComplete", () => { selectAgain(state); paint(state); });
    panes[side] = state;
    const field = document.getElementById(`find-${side}`);
    let waiting;
    const find = () => {
      clearTimeout(waiting);
      if (state.search === field.value) return;
      state.search = field.value;
      state.at = 0;
      state.settled = state.table.setData();
    };
    field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 250); });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") find(); });
  }

  // What was selected stays so while other lines are looked for, shown or not.
  const selectAgain = (state) => {
    if (!state.chosen.size) return;
    for (const row of state.table.getRows()) if (state.chosen.has(row.getData().id) && !row.isSelected()) row.select();
  };

  const sums = () => {
    const total = {};
    for (const [side, state] of Object.entries(panes)) {
      total[side] = money.sum([...state.chosen.values()]);
      document.getElementById(`sum-${side}`).textContent = money.write(total[side], places);
      document.getElementById(`count-${side}`).textContent = state.chosen.size;
    }
    const difference = total.right - total.left;
    const shown = document.getElementById("sum-difference");
    const count = panes.left.chosen.size + panes.right.chosen.size;
    shown.textContent = money.write(difference, places);
    shown.classList.toggle("bad", difference !== 0n);
    shown.classList.toggle("good", difference === 0n && count > 0);
    form.querySelector(".btn-primary").disabled = difference !== 0n || count < 2;
    form.querySelector("[name=left]").value = [...panes.left.chosen.keys()].join(",");
    form.querySelector("[name=right]").value = [...panes.right.chosen.keys()].join(",");
    for (const side of sketch ? ["left", "right"] : []) sketch.elements[side].value = [...panes[side].chosen.keys()].join(",");
    if (sketch) document.getElementById("new-rule").disabled = count === 0;
    findSums.disabled = count !== 1;
    document.dispatchEvent(new CustomEvent("selection-changed", { detail: { left: [...panes.left.chosen.keys()], right: [...panes.right.chosen.keys()], total, difference } }));
    document.getElementById("selection-hint").textContent = count === 0 ? texts.hint_none : difference !== 0n ? texts.hint_difference : count < 2 ? texts.hint_one : texts.hint_ready;
  };

  // The panel of lines that add up to the one selected; what it finds is selected in the panes, also where not yet loaded.
  const show = (place, id) => {
    place.innerHTML = '<div class="card card-body"><progress></progress></div>';
    place.scrollIntoView({ block: "nearest" });
    htmx.ajax("GET", place.dataset.url.replace(/0$/, id), { source: place, target: place, swap: "innerHTML" }).then(() => place.scrollIntoView({ block: "nearest" }));
  };
  findSums.addEventListener("click", () => {
    const [id] = [...panes.left.chosen.keys(), ...panes.right.chosen.keys()];
    show(addsUp, id);
  });
  addsUp.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-select]");
    if (!button) return;
    clear();
    for (const [side, found] of Object.entries(JSON.parse(button.dataset.select))) {
      const table = panes[side].table;
      const loaded = new Set(table.getData().map((row) => row.id));
      const missing = found.filter((row) => !loaded.has(row.id));
      if (missing.length) await table.addData(missing);
      table.selectRow(found.map((row) => row.id));
    }
    form.scrollIntoView({ block: "nearest" });
  });

  const rows = (state) => state.table.getRows("active");
  const paint = (state) => {
    for (const element of state.table.element.querySelectorAll(".tabulator-row.at")) element.classList.remove("at");
    if (state.side === active) rows(state)[state.at]?.getElement()?.classList.add("at");
    for (const [side] of Object.entries(panes)) document.getElementById(`pane-${side}`).classList.toggle("on", side === active);
  };
  const move = (state, to) => {
    const all = rows(state);
    state.at = Math.max(0, Math.min(to, all.length - 1));
    const row = all[state.at];
    if (row) state.table.scrollToRow(row, "nearest", false).catch(() => {});
    Object.values(panes).forEach(paint);
    if (row) document.getElementById("row-said").textContent = [row.getData().on, row.getData().text, money.write(row.getData().open, places)].join(", ");
  };
  const clear = () => {
    for (const state of Object.values(panes)) {
      state.chosen.clear();
      state.table.deselectRow();
    }
    sums();
  };
  const toggle = (state) => state.settled.then(() => rows(state)[state.at]?.toggleSelect()); // of the lines searched for

  const keys = {
    ArrowDown: () => move(panes[active], panes[active].at + 1),
    ArrowUp: () => move(panes[active], panes[active].at - 1),
    PageDown: () => move(panes[active], panes[active].at + 15),
    PageUp: () => move(panes[active], panes[active].at - 15),
    Home: () => move(panes[active], 0),
    ArrowLeft: () => { active = "left"; move(panes.left, panes.left.at); },
    ArrowRight: () => { active = "right"; move(panes.right, panes.right.at); },
    " ": () => toggle(panes[active]),
    m: () => { const button = form.querySelector(".btn-primary"); if (!button.disabled) button.click(); },
    r: () => { const button = document.getElementById("new-rule"); if (button && !button.disabled) button.click(); },
    s: () => { if (!findSums.disabled) findSums.click(); },
    w: () => {
      const row = rows(panes[active])[panes[active].at];
      if (row) show(document.getElementById("why-line"), row.getData().id);
    },
    Escape: clear,
    "/": () => document.getElementById(`find-${active}`).focus(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.target.id?.startsWith("find-") && ["Escape", "Enter"].includes(event.key)) {
      event.target.blur();
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea, dialog, .dropdown")) return;
    if (event.target.closest("button, a, summary") && [" ", "Enter"].includes(event.key)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.body.addEventListener("lines-changed", () => {
    clear();
    addsUp.dispatchEvent(new Event("outdated", { bubbles: true }));
    addsUp.replaceChildren();
    for (const state of Object.values(panes)) state.settled = state.table.setData();
  });
  document.getElementById("clear-selection").addEventListener("click", clear);
  sums();
})();
