// Parts of a form that only some choices need: data-when="kind=match,derive" shows the part while #kind is one of these.
(() => {
  const show = () => {
    for (const part of document.querySelectorAll("[data-when]")) {
      const [name, values] = part.dataset.when.split("=");
      part.hidden = !values.split(",").includes(document.getElementById(name).value);
      for (const control of part.querySelectorAll(":scope > select, :scope > input, :scope > div > select, :scope > div > input")) control.disabled = part.hidden;
    }
  };
  document.addEventListener("change", (event) => { if (event.target.matches("select")) show(); });
  show();
})();
