// Amounts as integers of the minor unit, written by the page's locale. No floating-point number ever holds one.
window.money = (() => {
  const locale = document.documentElement.dataset.locale || "en";
  const grouped = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const mark = new Intl.NumberFormat(locale).formatToParts(1.5).find((part) => part.type === "decimal").value;
  const minus = "\u2212";

  const write = (minor, places) => {
    const value = BigInt(minor);
    const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
    const whole = grouped.format(BigInt(places ? digits.slice(0, -places) : digits));
    return `${value < 0n ? minus : ""}${whole}${places ? mark + digits.slice(-places) : ""}`;
  };
  const sum = (minors) => minors.reduce((total, minor) => total + BigInt(minor), 0n);
  return { write, sum };
})();
