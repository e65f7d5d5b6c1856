// Parts of a form that only some choices need. data-when="kind=match,derive" shows the part while #kind is one of
// these; "a=x&b=y|c=z" while a and b, or c. A choice that is not on the page is no condition.
(() => {
  const holds = (condition) => {
    const [name, values] = condition.split("=");
    const control = document.getElementById(name);
    return !control || values.split(",").includes(control.value);
  };
  const show = () => {
    for (const part of document.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split("|").some((all) => all.split("&").every(holds));
      for (const control of part.querySelectorAll(":scope > select, :scope > input, :scope > div > select, :scope > div > input")) control.disabled = part.hidden;
    }
  };
  document.addEventListener("change", (event) => { if (event.target.matches("select")) show(); });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();
