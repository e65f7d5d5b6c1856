// The rule editor: what is wrong or doubtful is said at the field concerned, and a trial is asked about the rule as it
// stands on the page. The reading (#reading) lists findings with their path in data-at; fields carry theirs in data-path.
(() => {
  const form = document.getElementById("rule-form");
  const reading = document.getElementById("reading");
  if (!form) return;

  // ---- findings at their fields

  const holds = (outer, path) => path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);

  // The part of the form with the longest path that the finding's path begins with, and that is on show.
  const partFor = (path) => {
    let best = null;
    for (const part of form.querySelectorAll("[data-path]")) {
      const own = part.dataset.path;
      if (own && holds(own, path) && !part.closest("[hidden]") && (!best || own.length >= best.dataset.path.length)) best = part;
    }
    return best;
  };

  const clear = () => {
    for (const note of form.querySelectorAll(".at-field")) note.remove();
    for (const control of form.querySelectorAll("[data-faulted]")) {
      for (const name of ["aria-invalid", "aria-describedby", "data-faulted"]) control.removeAttribute(name);
    }
  };

  const mark = (said, number) => {
    const part = said.dataset.at && partFor(said.dataset.at);
    if (!part) return;
    const note = document.createElement("div");
    note.id = `at-field-${number}`;
    note.className = `at-field ${said.classList.contains("bad") ? "bad" : "amber"}`;
    note.textContent = said.firstChild.textContent;
    const control = part.matches("input, select, textarea") ? part : part.querySelector("input:not([type=hidden]), select, textarea:not([hidden])");
    if (part === control) part.parentElement.append(note);
    else part.append(note);
    if (!control) return;
    control.dataset.faulted = "";
    control.setAttribute("aria-describedby", note.id);
    if (said.classList.contains("bad")) control.setAttribute("aria-invalid", "true");
  };

  const showFindings = () => {
    clear();
    reading.querySelectorAll("[data-at]").forEach(mark);
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target === reading) showFindings();
    if (event.target.id === "tried") event.target.scrollIntoView({ block: "start", behavior: "smooth" });
    if (event.target.id === "rule-body") document.body.dispatchEvent(new Event("viewed"));
  });
  showFindings();

  // ---- trials: the body of the whole set, made by the server from the form as it is now

  const body = document.getElementById("try-body");
  let asked = 0;
  const refused = (sentence) => {
    const said = Object.assign(document.createElement("div"), { className: "alert alert-danger", role: "alert", textContent: sentence });
    document.getElementById("tried").replaceChildren(said);
  };

  document.addEventListener("htmx:confirm", async (event) => {
    const button = event.target;
    if (!button.matches("[data-body]") || event.detail.question) return;
    event.preventDefault();
    const ticket = ++asked;
    const answer = await fetch(button.dataset.body, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    const text = await answer.text();
    if (ticket !== asked) return; // another trial was asked for since
    if (!answer.ok) return refused(text);
    body.value = text;
    body.disabled = false;
    event.detail.issueRequest(true);
    body.disabled = true;
  });
})();
