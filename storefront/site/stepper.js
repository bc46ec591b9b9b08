/** A number of pieces: typed, or stepped by buttons that are large enough for a thumb. */

import { html, live } from "./library.js";
import { MOST_PIECES } from "./cart.js";

/**
 * `change(quantity)` is called with a whole number from 1 to `most`. `of` says what, where several are on a
 * page.
 */
export function stepper({ label, of = "", value, most = MOST_PIECES, change }) {
  const set = (wanted) => change(Math.min(Math.max(Math.trunc(wanted) || 1, 1), Math.max(most, 1)));
  const name = of ? `${label} of ${of}` : label;
  return html`<span class="stepper" role="group" aria-label=${name}>
    <button type="button" aria-label="One less" aria-disabled=${value <= 1} @click=${() => set(value - 1)}>
      −
    </button>
    <input
      type="number"
      inputmode="numeric"
      min="1"
      max=${most}
      aria-label=${name}
      .value=${live(String(value))}
      @change=${(event) => set(event.target.valueAsNumber)}
    />
    <button type="button" aria-label="One more" aria-disabled=${value >= most} @click=${() => set(value + 1)}>
      +
    </button>
  </span>`;
}
