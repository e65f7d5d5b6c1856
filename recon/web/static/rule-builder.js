// <rule-builder>: nested all / any / none groups of conditions over the rule language's JSON.
//
//   <rule-builder data-mode="line | pair | candidate" data-path="left.where">
//     <textarea hidden name="left_where">{"all": [...]}</textarea>
//   </rule-builder>
//
// The words and tables of each mode stand on #builder-config, as data-line, data-pair and data-candidate.
// The textarea is the only truth: it is read once, and written (with a bubbling `input`) whenever the person changes
// something. No condition at all is the empty text. What was not touched is written back as it came. Every condition
// carries the path it has in the document (data-path), so that what is wrong with it can be said beside it.
(() => {
  const DEEPEST = 6;
  const OTHER = "extra.";

  const make = (tag, properties = {}, ...children) => {
    const { aria = {}, data = {}, ...plain } = properties;
    const element = Object.assign(document.createElement(tag), plain);
    for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
    Object.assign(element.dataset, data);
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  // ---- the tree as the page holds it: {group: "all" | "any" | "none" | "not_all", items, bare} or {leaf}

  const read = (node) => {
    if (node.all) return { group: "all", items: node.all.map(read) };
    if (node.any) return { group: "any", items: node.any.map(read) };
    if (node.not) {
      if (node.not.any) return { group: "none", items: node.not.any.map(read) };
      if (node.not.all) return { group: "not_all", items: node.not.all.map(read) };
      return { group: "none", bare: true, items: [read(node.not)] };
    }
    return { leaf: { ...node } };
  };

  const filled = (node) => (node.leaf ? true : node.items.some(filled));
  const alone = (node) => node.bare && node.items.filter(filled).length === 1;

  const write = (node) => {
    if (node.leaf) return node.leaf;
    const items = node.items.filter(filled).map(write);
    if (!items.length) return null;
    if (alone(node)) return node.group === "none" ? { not: items[0] } : items[0];
    switch (node.group) {
      case "any": return { any: items };
      case "none": return { not: { any: items } };
      case "not_all": return { not: { all: items } };
      default: return { all: items };
    }
  };

  // The path of the n-th written item of a group that stands at a path.
  const below = (path, node, place) => {
    if (alone(node)) return node.group === "none" ? `${path}.not` : path;
    const branch = { any: "any", none: "not.any", not_all: "not.all" }[node.group] || "all";
    return `${path}.${branch}[${place}]`;
  };

  class RuleBuilder extends HTMLElement {
    connectedCallback() {
      if (this.tree) return;
      const { mode } = this.dataset;
      this.config = JSON.parse(document.getElementById("builder-config").dataset[mode]);
      this.store = this.querySelector("textarea");
      const text = this.store.value.trim();
      const read_in = text ? read(JSON.parse(text)) : { group: "all", items: [] };
      this.tree = read_in.leaf ? { group: "all", bare: true, items: [read_in] } : read_in;
      this.place = make("div");
      this.said = make("div", { className: "visually-hidden", aria: { live: "polite" } });
      this.append(this.place, this.said);
      this.draw();
    }

    say(sentence) { this.said.textContent = sentence; }

    save() {
      const value = write(this.tree);
      this.store.value = value === null ? "" : JSON.stringify(value);
      this.store.dispatchEvent(new Event("input", { bubbles: true }));
    }

    // Keyboards keep their place: the control of the same role, or what `focus` finds.
    changed(focus) {
      const at = document.activeElement?.dataset?.role;
      this.save();
      this.draw();
      (focus ? focus() : at && this.place.querySelector(`[data-role="${CSS.escape(at)}"]`))?.focus();
    }

    draw() { this.place.replaceChildren(this.group(this.tree, null, 1, this.dataset.path, "0")); }

    chooser(label, options, chosen, changed, role) {
      const select = make("select", { className: "form-select", aria: { label }, data: { role } });
      const known = options.some((option) => option.value === chosen);
      if (!known && chosen) select.append(make("option", { value: chosen, textContent: chosen, selected: true }));
      for (const option of options) {
        select.append(make("option", { value: option.value, textContent: option.label, selected: option.value === chosen }));
      }
      select.addEventListener("change", () => changed(select.value));
      return select;
    }

    // ---- groups

    group(node, parent, depth, path, at) {
      const t = this.config.texts;
      const box = make("fieldset", { className: "group" });
      const kinds = ["all", "any", "none", "not_all"].map((value) => ({ value, label: t[value] }));
      const joined = this.chooser(t.group, kinds, node.group, (value) => { node.group = value; node.bare = false; this.changed(); }, `${at} group`);
      const bar = make("div", { className: "bar" },
        make("legend", {}, node.items.length || parent ? joined : make("span", { className: "muted", textContent: t.nothing })),
        make("span", { className: "stretch" }),
        this.button(t.add_condition, () => this.add(node, { leaf: this.fresh() }), `${at} add`),
        depth < DEEPEST ? this.button(t.add_group, () => this.add(node, { group: node.group === "any" ? "all" : "any", items: [{ leaf: this.fresh() }] }), `${at} add group`) : null,
        parent ? this.remover(t.remove_group, () => this.drop(parent, node)) : null,
      );
      let written = 0;
      const rows = node.items.map((item, place) => {
        const here = below(path, node, filled(item) ? written++ : written);
        return item.leaf ? this.leaf(item, node, here, `${at}.${place}`) : this.group(item, node, depth + 1, here, `${at}.${place}`);
      });
      box.append(bar, ...rows);
      node.box = box;
      return box;
    }

    button(text, pressed, role) {
      const button = make("button", { type: "button", className: "btn btn-quiet btn-sm", textContent: text, data: { role } });
      button.addEventListener("click", pressed);
      return button;
    }

    remover(label, pressed) {
      const button = make("button", { type: "button", className: "btn btn-danger-quiet btn-sm", textContent: "×", title: label, aria: { label } });
      button.addEventListener("click", pressed);
      return button;
    }

    fresh() {
      if (this.config.mode === "pair") return { left: "reference", op: "same", right: "reference" };
      const field = this.config.fields[0];
      return this.tested({ field: field.name }, "field", field.type);
    }

    add(node, item) {
      node.items.push(item);
      node.bare = false;
      this.say(this.config.texts.added);
      this.changed(() => [...node.box.querySelectorAll(":scope > .leaf, :scope > .group")].at(-1)?.querySelector("select"));
    }

    drop(parent, node) {
      parent.items = parent.items.filter((item) => item !== node);
      this.say(this.config.texts.removed);
      this.changed(() => parent.box.querySelector("button"));
    }

    // ---- conditions

    leaf(item, parent, path, at) {
      const row = make("div", { className: "leaf", data: { path }, role: "group" });
      const parts = this.config.mode === "pair" ? this.pairParts(item, at) : this.lineParts(item, "field", at);
      row.append(...parts.filter((part) => part !== null), this.remover(this.config.texts.remove_condition, () => this.drop(parent, item)));
      return row;
    }

    pairParts(item, at) {
      const t = this.config.texts;
      const leaf = item.leaf;
      const shape = "left" in leaf && "right" in leaf ? "both" : "left" in leaf ? "left" : "right";
      const shapes = ["both", "left", "right"].map((value) => ({ value, label: t[`shape_${value}`] }));
      const choose = this.chooser(t.shape, shapes, shape, (value) => {
        item.leaf = value === "both" ? { left: "reference", op: "same", right: "reference" } : { [value]: "text", op: "contains", value: "" };
        this.changed();
      }, `${at} shape`);
      if (shape !== "both") return [choose, ...this.lineParts(item, shape, at)];
      const type = this.typeOf(leaf.left);
      const operators = this.config.pair.filter((each) => each.types.includes(type));
      const operator = this.config.pair.find((each) => each.value === leaf.op);
      return [
        choose,
        ...this.fieldChooser(t.left_field, leaf, "left", (value) => this.compared(item, value, leaf.right), at),
        this.chooser(t.comparison, operators, leaf.op, (value) => {
          item.leaf = { left: leaf.left, op: value, right: leaf.right };
          this.changed();
        }, `${at} op`),
        ...this.fieldChooser(t.right_field, leaf, "right", (value) => { leaf.right = value; this.changed(); }, at),
        ...(operator?.takes || []).map((key) => this.option(leaf, key, at)),
      ];
    }

    // Another field on the left: the comparison and the right field stay where they still fit.
    compared(item, left, right) {
      const type = this.typeOf(left);
      const operator = this.config.pair.find((each) => each.value === item.leaf.op);
      const fits = operator?.types.includes(type);
      const mixed = fits && operator.mixes && operator.types.includes(this.typeOf(right));
      const kept = mixed || this.typeOf(right) === type ? right : left;
      item.leaf = fits ? { ...item.leaf, left, right: kept } : { left, op: "same", right: kept };
      this.changed();
    }

    typeOf(name) { return this.config.fields.find((field) => field.name === name)?.type || "text"; }

    // A chooser of fields; a column that only some file has is named beside it.
    fieldChooser(label, leaf, key, changed, at) {
      const t = this.config.texts;
      const name = leaf[key];
      const extra = this.config.extras && name.startsWith(OTHER);
      const options = this.config.fields.map((field) => ({ value: field.name, label: field.label }));
      if (this.config.extras) options.push({ value: OTHER, label: t.other_column });
      const parts = [this.chooser(label, options, extra ? OTHER : name, changed, `${at} ${key}`)];
      if (!extra) return parts;
      const input = make("input", { className: "form-control short wide-name", value: name.slice(OTHER.length), placeholder: t.column, aria: { label: t.column }, data: { role: `${at} ${key} column` } });
      input.addEventListener("input", () => { leaf[key] = OTHER + input.value.trim(); this.save(); });
      return [...parts, input];
    }

    option(leaf, key, at) {
      const t = this.config.texts;
      if (key === "normalise") return this.typeOf(leaf.left) === "text" ? this.steps(leaf) : null;
      if (key === "at_least" && leaf.op === "similar") return this.percent(leaf, at);
      if (key === "mode") return this.rounding(leaf, at);
      return this.typed(t[`${key}_of_${leaf.op}`] || t[key], leaf[key] ?? "", "short", (value) => {
        if (value === "") delete leaf[key];
        else leaf[key] = key !== "value" && /^\d+$/.test(value) ? Number(value) : value;
      }, `${at} ${key}`);
    }

    rounding(leaf, at) {
      const t = this.config.texts;
      const ways = ["half_up", "floor", "truncate"].map((value) => ({ value, label: t[value] }));
      return this.chooser(t.mode, ways, leaf.mode || "half_up", (value) => { leaf.mode = value; this.save(); }, `${at} mode`);
    }

    steps(leaf) {
      const t = this.config.texts;
      const chosen = leaf.normalise || ["case", "spaces"];
      return make("span", { className: "steps" }, make("span", { className: "muted", textContent: t.ignoring }), ...["case", "spaces", "punctuation", "leading_zeros"].map((word) => {
        const box = make("input", { type: "checkbox", className: "form-check-input", checked: chosen.includes(word) });
        box.addEventListener("change", () => {
          const now = (leaf.normalise || ["case", "spaces"]).filter((each) => each !== word);
          leaf.normalise = box.checked ? [...now, word] : now;
          this.save();
        });
        return make("label", {}, box, ` ${t[`ignore_${word}`]}`);
      }));
    }

    // A similarity is 0 to 1 in the document and a percentage on the page.
    percent(leaf, at) {
      const t = this.config.texts;
      const shown = typeof leaf.at_least === "number" ? Number((leaf.at_least * 100).toFixed(4)) : leaf.at_least ?? "";
      const field = this.typed(t.at_least_percent, shown, "short", (value) => {
        const number = Number(value.replace(",", "."));
        leaf.at_least = value.trim() === "" || Number.isNaN(number) ? value : Number((number / 100).toFixed(6));
      }, `${at} percent`);
      return make("span", { className: "with-unit" }, make("span", { className: "muted", textContent: t.at_least }), field, make("span", { className: "muted", textContent: "%" }));
    }

    lineParts(item, key, at) {
      const t = this.config.texts;
      const leaf = item.leaf;
      const type = this.typeOf(leaf[key]);
      const operators = this.config.line[type] || this.config.line.text;
      const operator = operators.find((each) => each.value === leaf.op) || { takes: "value" };
      return [
        ...this.fieldChooser(t.field, leaf, key, (value) => {
          const next = this.typeOf(value);
          item.leaf = next === type ? { ...leaf, [key]: value } : this.tested({ [key]: value }, key, next);
          this.changed();
        }, at),
        this.chooser(t.comparison, operators, leaf.op, (value) => {
          item.leaf = this.retested(leaf, key, operators.find((each) => each.value === value));
          this.changed();
        }, `${at} op`),
        ...this.valueParts(leaf, operator.takes, type, at),
        operator.folds && type === "text" ? this.caseButton(leaf, at) : null,
      ];
    }

    // The first test that fits a field's type, with nothing typed yet.
    tested(leaf, key, type) {
      const usual = { text: "contains", money: "greater_than", date: "at_least", number: "at_least" }[type];
      const operators = this.config.line[type];
      const operator = operators.find((each) => each.value === usual) || operators[0];
      return this.retested({ ...leaf, value: operator.takes === "sign" ? "positive" : "" }, key, operator);
    }

    // The same field under another comparison: what was typed is kept where it still fits.
    retested(leaf, key, operator) {
      const typed = [leaf.value ?? ""].flat();
      const kept = { [key]: leaf[key], op: operator.value };
      const cased = leaf.case && operator.folds ? { case: true } : {};
      switch (operator.takes) {
        case "nothing": return kept;
        case "range": return { ...kept, value: [typed[0], typed[1] ?? ""] };
        case "similar": return { ...kept, value: typed[0], at_least: leaf.at_least ?? 0.8 };
        case "list": return { ...kept, value: typed.length === 1 && !["in", "not_in"].includes(operator.value) ? typed[0] : typed, ...cased };
        default: return { ...kept, value: typed[0], ...cased };
      }
    }

    caseButton(leaf, at) {
      const t = this.config.texts;
      const button = make("button", { type: "button", className: "btn btn-quiet btn-sm case", textContent: "Aa", title: t.case, aria: { label: t.case, pressed: Boolean(leaf.case) }, data: { role: `${at} case` } });
      button.addEventListener("click", () => {
        if (leaf.case) delete leaf.case;
        else leaf.case = true;
        button.setAttribute("aria-pressed", Boolean(leaf.case));
        this.save();
      });
      return button;
    }

    valueParts(leaf, takes, type, at) {
      const t = this.config.texts;
      const kind = type === "date" ? "date" : "text";
      const style = ["money", "number"].includes(type) ? "short input-num" : type === "date" ? "short range" : "value";
      switch (takes) {
        case "nothing": return [];
        case "range": return [0, 1].flatMap((index) => [
          index ? make("span", { className: "muted", textContent: t.and }) : null,
          this.typed(t[index ? "to" : "from"], leaf.value?.[index] ?? "", `${style} range`, (value) => {
            leaf.value = [...(leaf.value || ["", ""])];
            leaf.value[index] = value;
          }, `${at} value ${index}`, kind),
        ]);
        case "similar": return [
          this.typed(t.value, [leaf.value ?? ""].flat()[0], "value", (value) => { leaf.value = value; }, `${at} value`),
          this.percent(leaf, at),
        ];
        case "list": return [this.several(leaf, at)];
        case "sign": return [this.chooser(t.value, ["positive", "negative", "zero"].map((value) => ({ value, label: t[value] })), leaf.value, (value) => { leaf.value = value; this.save(); }, `${at} value`)];
        default: return [this.typed(t.value, leaf.value ?? "", style, (value) => { leaf.value = value; }, `${at} value`, kind)];
      }
    }

    typed(label, value, style, changed, role, kind = "text") {
      const input = make("input", { type: kind, className: `form-control ${style}`, value, placeholder: label, title: label, aria: { label }, data: { role } });
      if (style.includes("input-num")) input.inputMode = "decimal";
      input.addEventListener("input", () => { changed(input.value); this.save(); });
      return input;
    }

    several(leaf, at) {
      const t = this.config.texts;
      const values = [leaf.value ?? ""].flat();
      const area = make("textarea", { className: "form-control value", rows: Math.max(1, values.length), value: values.join("\n"), placeholder: t.one_a_line, title: t.one_a_line, aria: { label: `${t.value}, ${t.one_a_line}` }, data: { role: `${at} value` } });
      area.addEventListener("input", () => {
        const lines = area.value.split("\n").filter((line, index, all) => line !== "" || all.length === 1);
        area.rows = Math.max(1, area.value.split("\n").length);
        leaf.value = lines.length === 1 && leaf.op !== "in" && leaf.op !== "not_in" ? lines[0] : lines;
        this.save();
      });
      return area;
    }
  }

  customElements.define("rule-builder", RuleBuilder);
})();
