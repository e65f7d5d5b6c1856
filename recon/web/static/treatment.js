// Selected lines that do not agree: shown beside the panes is what may become of them.
(() => {
  const difference = document.getElementById("difference-form");
  const post = document.getElementById("post-form");

  const offer = (form, wanted, detail) => {
    if (!form) return;
    form.hidden = !wanted;
    for (const side of ["left", "right"]) form.querySelector(`[name=${side}]`).value = detail[side].join(",");
  };

  document.addEventListener("selection-changed", ({ detail }) => {
    const both = detail.left.length > 0 && detail.right.length > 0;
    const sameWay = detail.total.left * detail.total.right > 0n;
    offer(difference, detail.difference !== 0n && (both || detail.left.length > 0), detail);
    offer(post, detail.right.length > 0 && detail.left.length === 0, detail);
    const rest = difference?.querySelector("option[value=keep_open]");
    if (!rest) return;
    rest.disabled = !sameWay;
    if (!sameWay && rest.selected) difference.querySelector("select").selectedIndex = Math.min(1, difference.querySelectorAll("option").length - 1);
  });
})();
