/**
 * How money, times and attributes are written: by the customs of the customer's browser, in the shop's
 * words.
 */

const UNITS = {
  mm: "mm",
  cm: "cm",
  m: "m",
  g: "g",
  kg: "kg",
  hours: "hours",
  ohm: "Ω",
  k: "K",
  hrc: "HRC",
};
const CAPITALS = { isbn: "ISBN" };

/** `{amount: 1999, currency: "USD"}` is $19.99; how many decimals a currency has, the browser knows. */
export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** A number as people write it. */
export function number(value) {
  return new Intl.NumberFormat().format(value);
}

/** An RFC 3339 time as a date and a time of the day, where the customer is. */
export function moment(time) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(time),
  );
}

/** An RFC 3339 time as a date. */
export function day(time) {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "long" }).format(new Date(time));
}

/** An RFC 3339 time as a time of the day. */
export function hour(time) {
  return new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(new Date(time));
}

/** A count of things: "1 piece", "3 pieces". */
export function count(many, one, more = `${one}s`) {
  return `${number(many)} ${many === 1 ? one : more}`;
}

/** Several names as a sentence has them: "A, B and C". */
export function listed(names) {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
}

/** "board games" is Board games. */
export function titled(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** An attribute's label and text: `focal_length_mm: 35` is ["Focal length", "35 mm"]. */
export function attribute(name, value) {
  const words = name.split("_");
  const unit = words.length > 1 ? UNITS[words.at(-1)] : undefined;
  const label = (unit ? words.slice(0, -1) : words).map((word) => CAPITALS[word] ?? word).join(" ");
  return [titled(label), described(value, unit)];
}

function described(value, unit) {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.join(", ");
  // Grouped only with its unit: a year is no quantity.
  return unit ? `${typeof value === "number" ? number(value) : value} ${unit}` : String(value);
}
