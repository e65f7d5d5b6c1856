// <rule-builder>: nested all / any / none groups of conditions over the rule language's JSON.
//
//   <rule-builder data-config='{"mode": "line" | "pair", "fields": [...], "line": {...}, "pair": [...], "texts": {...}}'>
//     <textarea hidden name="where">{"all": [...]}</textarea>
//   </rule-builder>
//
// The textarea is the only truth: it is read once, and written (with a bubbling `input`) whenever the person changes
// something. No condition at all is the empty text. What was not touched is written back as it came.
(() => {
  const DEEPEST = 6;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    for (const [name, value] of Object.entries(properties.aria || {})) element.setAttribute(`aria-${name}`, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  };

  const chooser = (label, options, chosen, changed, style = "form-select") => {
    const select = make("select", { className: style, aria: { label } });
    const known = options.some((option) => option.value === chosen);
    if (!known && chosen) select.append(make("option", { value: chosen, textContent: chosen, selected: true }));
    for (const option of options) {
      select.append(make("option", { value: option.value, textContent: option.label, selected: option.value === chosen }));
    }
    select.addEventListener("change", () => changed(select.value));
    return select;
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

  const write = (node) => {
    if (node.leaf) return node.leaf;
    const items = node.items.map(write).filter((item) => item !== null);
    if (!items.length) return null;
    if (node.bare && items.length === 1) return node.group === "none" ? { not: items[0] } : items[0];
    switch (node.group) {
      case "any": return { any: items };
      case "none": return { not: { any: items } };
      case "not_all": return { not: { all: items } };
      default: return { all: items };
    }
  };

  class RuleBuilder extends HTMLElement {
    connectedCallback() {
      if (this.tree) return;
      this.config = JSON.parse(this.dataset.config);
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

    changed(focus) {
      this.save();
      this.draw();
      if (focus) focus()?.focus();
    }

    draw() { this.place.replaceChildren(this.group(this.tree, null, 1)); }

    // ---- groups

    group(node, parent, depth) {
      const t = this.config.texts;
      const box = make("fieldset", { className: "group" });
      const kinds = ["all", "any", "none"].concat(node.group === "not_all" ? ["not_all"] : []);
      const bar = make("div", { className: "bar" },
        make("legend", {}, chooser(t.group, kinds.map((value) => ({ value, label: t[value] })), node.group, (value) => {
          node.group = value;
          node.bare = false;
          this.changed(() => box.isConnected ? null : this.place.querySelector("select"));
        })),
        make("span", { className: "muted small stretch", textContent: node.items.length ? t.of_these : t.nothing }),
        this.button(t.add_condition, () => this.add(node, { leaf: this.fresh() })),
        depth < DEEPEST ? this.button(t.add_group, () => this.add(node, { group: "any", items: [{ leaf: this.fresh() }] })) : null,
        parent ? this.remover(t.remove_group, () => this.drop(parent, node)) : null,
      );
      box.append(bar, ...node.items.map((item) => (item.leaf ? this.leaf(item, node) : this.group(item, node, depth + 1))));
      node.box = box;
      return box;
    }

    button(text, pressed) {
      const button = make("button", { type: "button", className: "btn btn-quiet btn-sm", textContent: text });
      button.addEventListener("click", pressed);
      return button;
    }

    remover(label, pressed) {
      const button = make("button", { type: "button", className: "btn btn-danger-quiet btn-sm", textContent: "×", title: label, aria: { label } });
      button.addEventListener("click", pressed);
      return button;
    }

    fresh() {
      return this.config.mode === "pair" ? { left: "reference", op: "same", right: "reference" } : { field: this.config.fields[0].name, op: "contains", value: "" };
    }

    add(node, item) {
      node.items.push(item);
      node.bare = false;
      this.say(this.config.texts.added);
      this.changed(() => [...node.box.querySelectorAll(":scope > .leaf select, :scope > .group select")].at(-1)?.closest(".leaf, .group")?.querySelector("select"));
    }

    drop(parent, node) {
      parent.items = parent.items.filter((item) => item !== node);
      this.say(this.config.texts.removed);
      this.changed(() => parent.box.querySelector("button"));
    }

    // ---- conditions

    leaf(item, parent) {
      const row = make("div", { className: "leaf" });
      const parts = this.config.mode === "pair" ? this.pairParts(item) : this.lineParts(item, "field");
      row.append(...parts.filter((part) => part !== null), this.remover(this.config.texts.remove_condition, () => this.drop(parent, item)));
      return row;
    }

    pairParts(item) {
      const t = this.config.texts;
      const leaf = item.leaf;
      const shape = "left" in leaf && "right" in leaf ? "both" : "left" in leaf ? "left" : "right";
      const shapes = ["both", "left", "right"].map((value) => ({ value, label: t[`shape_${value}`] }));
      const choose = chooser(t.shape, shapes, shape, (value) => {
        item.leaf = value === "both" ? { left: "reference", op: "same", right: "reference" } : { [value]: "text", op: "contains", value: "" };
        this.changed();
      });
      if (shape !== "both") return [choose, ...this.lineParts(item, shape)];
      const operator = this.config.pair.find((each) => each.value === leaf.op);
      return [
        choose,
        this.fieldChooser(t.left_field, leaf.left, (value) => { leaf.left = value; this.changed(); }),
        chooser(t.comparison, this.config.pair, leaf.op, (value) => {
          item.leaf = { left: leaf.left, op: value, right: leaf.right };
          this.changed();
        }),
        this.fieldChooser(t.right_field, leaf.right, (value) => { leaf.right = value; this.changed(); }),
        ...(operator?.takes || []).map((key) => this.option(leaf, key)),
      ];
    }

    fieldChooser(label, chosen, changed) {
      return chooser(label, this.config.fields.map((field) => ({ value: field.name, label: field.label })), chosen, changed);
    }

    option(leaf, key) {
      const t = this.config.texts;
      if (key === "normalise") {
        const chosen = leaf.normalise || ["case", "spaces"];
        return make("span", { className: "d-inline-flex gap-2 small" }, ...["case", "spaces", "punctuation", "leading_zeros"].map((word) => {
          const box = make("input", { type: "checkbox", className: "form-check-input", checked: chosen.includes(word) });
          box.addEventListener("change", () => {
            const now = (leaf.normalise || ["case", "spaces"]).filter((each) => each !== word);
            leaf.normalise = box.checked ? [...now, word] : now;
            this.save();
          });
          return make("label", {}, box, ` ${t[`ignore_${word}`]}`);
        }));
      }
      return this.typed(t[key], leaf[key] ?? "", "short", (value) => {
        if (value === "") delete leaf[key];
        else leaf[key] = key === "at_least" ? Number(value.replace(",", ".")) : value;
      });
    }

    lineParts(item, key) {
      const t = this.config.texts;
      const leaf = item.leaf;
      const type = this.config.fields.find((field) => field.name === leaf[key])?.type || "text";
      const operators = this.config.line[type] || this.config.line.text;
      const operator = operators.find((each) => each.value === leaf.op) || { takes: "value" };
      return [
        this.fieldChooser(t.field, leaf[key], (value) => {
          leaf[key] = value;
          const next = this.config.fields.find((field) => field.name === value)?.type || "text";
          if (next !== type) item.leaf = { [key]: value, op: this.config.line[next][0].value, value: "" };
          this.changed();
        }),
        chooser(t.comparison, operators, leaf.op, (value) => {
          item.leaf = this.retested(leaf, key, operators.find((each) => each.value === value));
          this.changed();
        }),
        ...this.valueParts(leaf, operator.takes, type),
      ];
    }

    // The same field under another comparison: what was typed is kept where it still fits.
    retested(leaf, key, operator) {
      const typed = [leaf.value ?? ""].flat();
      const kept = { [key]: leaf[key], op: operator.value };
      switch (operator.takes) {
        case "nothing": return kept;
        case "range": return { ...kept, value: [typed[0], typed[1] ?? ""] };
        case "similar": return { ...kept, value: typed[0], at_least: leaf.at_least ?? 0.8 };
        case "list": return { ...kept, value: typed.length === 1 && !["in", "not_in"].includes(operator.value) ? typed[0] : typed };
        default: return { ...kept, value: typed[0] };
      }
    }

    valueParts(leaf, takes, type) {
      const t = this.config.texts;
      const kind = type === "date" ? "date" : "text";
      switch (takes) {
        case "nothing": return [];
        case "range": return [0, 1].map((index) => this.typed(t[index ? "to" : "from"], leaf.value?.[index] ?? "", "short range", (value) => {
          leaf.value = [...(leaf.value || ["", ""])];
          leaf.value[index] = value;
        }, kind));
        case "similar": return [
          this.typed(t.value, [leaf.value ?? ""].flat()[0], "value", (value) => { leaf.value = value; }),
          this.typed(t.at_least, leaf.at_least ?? "", "short", (value) => { leaf.at_least = Number(value.replace(",", ".")); }),
        ];
        case "list": return [this.several(leaf)];
        case "sign": return [chooser(t.value, ["positive", "negative", "zero"].map((value) => ({ value, label: t[value] })), leaf.value, (value) => { leaf.value = value; this.save(); })];
        default: return [this.typed(t.value, leaf.value ?? "", "value", (value) => { leaf.value = value; }, kind)];
      }
    }

    typed(label, value, style, changed, kind = "text") {
      const input = make("input", { type: kind, className: `form-control ${style}`, value, placeholder: label, title: label, aria: { label } });
      input.addEventListener("input", () => { changed(input.value); this.save(); });
      return input;
    }

    several(leaf) {
      const t = this.config.texts;
      const values = [leaf.value ?? ""].flat();
      const area = make("textarea", { className: "form-control value", rows: Math.max(1, values.length), value: values.join("\n"), placeholder: t.one_a_line, title: t.one_a_line, aria: { label: `${t.value}, ${t.one_a_line}` } });
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
