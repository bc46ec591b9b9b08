/**
 * A picture for each product. Nobody took photographs, so it is drawn: what its kind looks like, in colours
 * and proportions that follow from its id, the same ones on every screen.
 */

import { svg } from "./library.js";
import { motifs, other } from "./motifs.js";

// The ground, its deeper shade, the thing, its dark side, and a light that stands out.
const COLOURS = [
  ["#f3e7d8", "#e8d3b9", "#c06a3a", "#7c3d1d", "#fff6ea"],
  ["#e4ece0", "#cbdac4", "#5f8259", "#2f4b37", "#f6fbf2"],
  ["#e5e3f2", "#cac6e6", "#6c63ac", "#383068", "#f7f6ff"],
  ["#dcecee", "#b9d9de", "#3c8592", "#1a4a56", "#f1fbfc"],
  ["#f6e1da", "#ecc5b8", "#bf5a45", "#702b1d", "#fff5f1"],
  ["#f8efd2", "#efdc9d", "#c4931f", "#6c4b0c", "#fffaea"],
  ["#f5e2e8", "#eac1cc", "#b44e6d", "#642239", "#fff4f7"],
  ["#e3e7ec", "#c5ced8", "#586b81", "#2a3641", "#f6f9fc"],
  ["#ebe5dc", "#d5cabb", "#7d6a52", "#453829", "#fbf7f1"],
  ["#e0ebe8", "#bed8d0", "#2f7866", "#17463b", "#f1fbf8"],
];

/** The picture of a product, 4 to 3. What it shows, the name beside it says. */
export function picture({ product_id: id, category }) {
  const chance = dice(id);
  const [ground, shade, main, dark, light] = COLOURS[Math.floor(chance() * COLOURS.length)];
  const draw = motifs.get(category) ?? other;
  const turned = chance() < 0.5;
  const x = 60 + chance() * 280;
  return svg`<svg class="picture" viewBox="0 0 400 300" preserveAspectRatio="xMidYMid slice"
    aria-hidden="true">
    <rect width="400" height="300" fill=${ground}></rect>
    <circle cx=${turned ? 400 - x : x} cy=${60 + chance() * 60} r=${90 + chance() * 70}
      fill=${shade}></circle>
    <path d="M0 246 Q200 ${228 + chance() * 24} 400 246 V300 H0z" fill=${shade}></path>
    ${draw(chance, { ground, shade, main, dark, light })}
  </svg>`;
}

/** Numbers from 0 to 1, always the same ones for the same text (FNV-1a, then mulberry32). */
function dice(text) {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ character.codePointAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
