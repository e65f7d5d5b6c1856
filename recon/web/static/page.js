// What every page shares: questions before a step that is hard to undo, and forms that send themselves.
(() => {
  const ask = (sentence, label) =>
    new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      dialog.className = "ask";
      const text = document.createElement("p");
      text.textContent = sentence;
      text.className = "mb-0";
      const buttons = document.createElement("div");
      buttons.className = "buttons";
      for (const [value, caption, style] of [["", "Cancel", "btn btn-plain"], ["yes", label || "Continue", "btn btn-primary"]]) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = style;
        button.textContent = caption;
        button.addEventListener("click", () => dialog.close(value));
        buttons.append(button);
      }
      dialog.append(text, buttons);
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(dialog.returnValue === "yes");
      });
      document.body.append(dialog);
      dialog.showModal();
      buttons.firstChild.focus();
    });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const sentence = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!sentence || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(sentence, event.submitter?.dataset.confirmLabel)) {
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    }
  }, true);

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-strip-empty]")) return;
    for (const field of event.target.elements) if (field.value === "") field.disabled = true;
  });

  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    if (await ask(event.detail.question)) event.detail.issueRequest(true);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-check-all]")) {
      for (const box of document.querySelectorAll(event.target.dataset.checkAll)) box.checked = event.target.checked;
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-menu-toggle]")) document.body.classList.toggle("menu-open");
    const fill = event.target.closest("[data-fill]");
    if (fill) for (const [name, value] of Object.entries(JSON.parse(fill.dataset.fill))) document.querySelector(`[name="${name}"]`).value = value;
  });

  // A place marked data-newest shows the answer to the newest question only, and none once something was typed in it since:
  // an older answer would put back the fields as they were. No request is ever aborted for this; htmx calls that an error.
  const questions = new WeakMap();
  const outdated = (event) => questions.delete(event.target.closest("[data-newest]"));
  document.addEventListener("input", outdated);
  document.addEventListener("outdated", outdated);
  document.addEventListener("htmx:beforeRequest", ({ detail }) => questions.set(detail.target, detail.xhr));
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target.matches("[data-newest]") && questions.get(detail.target) !== detail.xhr) detail.shouldSwap = false;
  });

  const sentence = (answer) =>
    answer.getResponseHeader("Content-Type")?.startsWith("text/plain") ? answer.responseText : document.body.dataset.fault;

  document.addEventListener("htmx:sendError", () => show(document.body.dataset.fault));
  document.addEventListener("htmx:responseError", (event) => show(sentence(event.detail.xhr)));

  const show = (text) => {
    const place = document.getElementById("messages");
    if (!place) return;
    const box = document.createElement("div");
    box.className = "alert alert-danger";
    box.setAttribute("role", "alert");
    box.textContent = text;
    place.replaceChildren(box);
    place.scrollIntoView({ block: "nearest" });
  };
})();
