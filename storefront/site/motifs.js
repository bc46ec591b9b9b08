/**
 * What each kind of product looks like: drawn on 400 by 300, standing on a line at 250, by chance and in
 * colours.
 */

import { svg } from "./library.js";

function between(chance, low, high) {
  return low + chance() * (high - low);
}

function book(chance, { main, dark, light, shade }) {
  const pile = Array.from({ length: 2 + Math.floor(chance() * 3) }, (_, number) => ({
    fill: [main, dark, light, shade][number % 4],
    band: [light, shade, main, dark][number % 4],
    width: between(chance, 150, 200),
    height: between(chance, 26, 38),
    x: between(chance, -14, 14),
  }));
  let top = 250;
  const lying = pile.map(({ fill, band, width, height, x }) => {
    top -= height;
    const left = 190 - width / 2 + x;
    return svg`<rect x=${left} y=${top} width=${width} height=${height} rx="3" fill=${fill}></rect>
      <rect x=${left + 16} y=${top} width="7" height=${height} fill=${band}></rect>
      <rect x=${left + width - 40} y=${top + height / 2 - 3} width="24" height="6" rx="3"
        fill=${band}></rect>`;
  });
  return svg`${lying}<g transform="rotate(-9 292 250)">
    <rect x="278" y="112" width="34" height="138" rx="3" fill=${main}></rect>
    <rect x="278" y="132" width="34" height="8" fill=${light}></rect>
    <rect x="278" y="222" width="34" height="4" fill=${light}></rect></g>`;
}

function cup(chance, { main, dark, light }) {
  const width = between(chance, 116, 150);
  const left = 200 - width / 2;
  const steam = [-24, 0, 24].slice(0, 2 + Math.round(chance())).map(
    (dx) => svg`<path d="M${200 + dx} 128 q-14 -18 0 -34 t0 -34" fill="none" stroke=${light} stroke-width="7"
      stroke-linecap="round" opacity="0.85"></path>`,
  );
  return svg`${steam}
    <path d="M${left + width - 6} 166 h20 a26 26 0 0 1 0 52 h-26" fill="none" stroke=${main}
      stroke-width="13"></path>
    <path d="M${left} 146 h${width} v54 a44 44 0 0 1 -44 44 h${88 - width} a44 44 0 0 1 -44 -44z"
      fill=${main}></path>
    <ellipse cx="200" cy="147" rx=${width / 2} ry="12" fill=${dark}></ellipse>
    <path d="M${left} 178 h${width} v16 h${-width}z" fill=${light} opacity="0.35"></path>
    <ellipse cx="200" cy="250" rx=${width / 2 + 36} ry="9" fill=${dark} opacity="0.9"></ellipse>`;
}

function game(chance, { main, dark, light }) {
  const side = between(chance, 84, 104);
  const pips = [
    [0.5, 0.5],
    [0.24, 0.24],
    [0.76, 0.76],
    [0.24, 0.76],
    [0.76, 0.24],
    [0.24, 0.5],
    [0.76, 0.5],
  ];
  const thrown = [[0], [1, 2], [0, 1, 2], [1, 2, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 4, 5, 6]];
  const die = (x, y, size, fill, dot) => svg`<rect x=${x} y=${y} width=${size} height=${size} rx=${size / 6}
      fill=${fill}></rect>
    ${thrown[Math.floor(chance() * 6)].map(
      (pip) => svg`<circle cx=${x + size * pips[pip][0]} cy=${y + size * pips[pip][1]} r=${size / 10}
        fill=${dot}></circle>`,
    )}`;
  const figure = svg`<circle cx="286" cy="142" r="24" fill=${main}></circle>
    <path d="M286 154 q12 10 34 22 q8 10 -14 12 q4 30 20 62 h-80 q16 -32 20 -62 q-22 -2 -14 -12
      q22 -12 34 -22z"
      fill=${main}></path>`;
  return svg`${figure}
    <g transform="rotate(${between(chance, -12, 12)} 130 200)">${die(96, 250 - side, side, dark, light)}</g>
    ${die(176, 196, 54, light, dark)}`;
}

function headphones(chance, { main, dark, light }) {
  const reach = between(chance, 84, 100);
  const ear = (x) => svg`<rect x=${x - 20} y="164" width="40" height="82" rx="20" fill=${main}></rect>`;
  return svg`<path d="M${200 - reach} 196 v-26 a${reach} ${reach} 0 0 1 ${2 * reach} 0 v26" fill="none"
      stroke=${dark}
      stroke-width=${between(chance, 12, 20)}></path>
    <path d="M${200 - reach} 170 a${reach} ${reach} 0 0 1 ${2 * reach} 0" fill="none"
      stroke=${light} stroke-width="4"
      opacity="0.5"></path>
    ${ear(200 - reach)}${ear(200 + reach)}
    <rect x=${200 - reach + 12} y="176" width="16" height="58" rx="8" fill=${dark}></rect>
    <rect x=${200 + reach - 28} y="176" width="16" height="58" rx="8" fill=${dark}></rect>`;
}

function knife(chance, { main, dark, light, shade }) {
  const blade = between(chance, 150, 200);
  const belly = between(chance, 34, 58);
  const turn = between(chance, -24, -10);
  return svg`<g transform="rotate(${turn} 200 170)">
    <path d="M${330 - blade - 60} 150 Q${330 - blade - 10} ${150 + belly} ${290 - 20} ${150 + belly * 0.9}
      V146 H${330 - blade}z" fill=${light}></path>
    <path d="M${330 - blade - 60} 150 Q${330 - blade - 10} ${150 + belly} ${290 - 20} ${150 + belly * 0.9}
      v-8 Q${330 - blade} ${142 + belly} ${330 - blade - 60} 150z" fill=${shade}></path>
    <rect x="268" y="143" width="12" height="34" rx="3" fill=${dark}></rect>
    <path d="M280 145 h86 q14 0 14 15 t-14 17 l-86 -4z" fill=${main}></path>
    <circle cx="304" cy="160" r="4" fill=${light}></circle>
    <circle cx="346" cy="161" r="4" fill=${light}></circle></g>`;
}

function lamp(chance, { main, dark, light }) {
  const wide = between(chance, 62, 84);
  const narrow = between(chance, 26, 44);
  const x = between(chance, 170, 230);
  return svg`<path d="M${x - wide} 130 L${x - wide - 50} 250 H${x + wide + 50} L${x + wide} 130z"
      fill=${light}
      opacity="0.55"></path>
    <rect x=${x - 5} y="120" width="10" height="128" fill=${dark}></rect>
    <path d="M${x - 46} 250 a46 16 0 0 1 92 0z" fill=${dark}></path>
    <path d="M${x - narrow} 54 H${x + narrow} L${x + wide} 132 H${x - wide}z" fill=${main}></path>
    <path d="M${x - narrow} 54 H${x - narrow / 3} L${x - wide / 3} 132 H${x - wide}z"
      fill=${light} opacity="0.25"></path>
    <ellipse cx=${x} cy="132" rx=${wide} ry="7" fill=${light}></ellipse>`;
}

function lens(chance, { main, dark, light, shade }) {
  const glint = between(chance, 200, 250);
  const rings = between(chance, 4, 9);
  return svg`<circle cx="200" cy="150" r="104" fill=${dark}></circle>
    <circle cx="200" cy="150" r="96" fill="none" stroke=${shade} stroke-width="8"
      stroke-dasharray="${rings} ${rings}" opacity="0.5"></circle>
    <circle cx="200" cy="150" r="82" fill=${main}></circle>
    <circle cx="200" cy="150" r="64" fill=${dark}></circle>
    <circle cx="200" cy="150" r=${between(chance, 34, 46)} fill=${main} opacity="0.75"></circle>
    <circle cx="200" cy="150" r="20" fill=${dark}></circle>
    <g transform="rotate(${glint} 200 150)"><path d="M200 96 a54 54 0 0 1 44 24" fill="none" stroke=${light}
      stroke-width="9" stroke-linecap="round" opacity="0.9"></path>
      <circle cx="172" cy="112" r="6" fill=${light}></circle></g>`;
}

function plant(chance, { main, dark, light, shade }) {
  const many = 5 + Math.floor(chance() * 4);
  const leaves = Array.from({ length: many }, (_, number) => {
    const angle = -72 + (144 * number) / (many - 1) + between(chance, -6, 6);
    const length = between(chance, 88, 138) - Math.abs(angle) / 3;
    const width = between(chance, 16, 28);
    return svg`<g transform="rotate(${angle} 200 184)">
      <path d="M200 184 q${-width} ${-length / 2} 0 ${-length} q${width} ${length / 2} 0 ${length}"
        fill=${number % 2 ? main : dark}></path>
      <path d="M200 184 v${-length * 0.8}" stroke=${light} stroke-width="2" opacity="0.5"></path></g>`;
  });
  return svg`${leaves}<path d="M146 180 h108 l-14 70 h-80z" fill=${light}></path>
    <rect x="140" y="170" width="120" height="22" rx="4" fill=${light}></rect>
    <path d="M150 192 h100 l-2 9 h-96z" fill=${shade}></path>`;
}

function shirt(chance, { main, dark, light }) {
  const stripes = Math.floor(chance() * 3);
  const body =
    "M146 66L104 92 78 146 116 164 128 142V250H272V142L284 164 322 146 296 92 254 66Q200 96 146 66z";
  const band = (y) => svg`<rect x="128" y=${y} width="144" height="9" fill=${light} opacity="0.8"></rect>`;
  const buttons = [124, 152, 180, 208].map(
    (y) => svg`<circle cx="200" cy=${y} r="4" fill=${light}></circle>`,
  );
  return svg`<path d=${body} fill=${main}></path>
    ${stripes === 1 ? [128, 152, 176, 200, 224].map(band) : ""}
    ${
      stripes === 2
        ? svg`<rect x="146" y="128" width="38" height="40" rx="4" fill=${dark} opacity="0.55"></rect>`
        : ""
    }
    ${stripes === 1 ? "" : svg`<path d="M200 86 V250" stroke=${dark} stroke-width="3"></path>${buttons}`}
    <path d="M146 66 Q200 96 254 66 L238 58 Q200 78 162 58z" fill=${dark}></path>
    <path d="M128 142 V250 M272 142 V250" stroke=${dark} stroke-width="2" opacity="0.4"></path>`;
}

function tent(chance, { main, dark, light }) {
  const peak = between(chance, 74, 104);
  const sun = between(chance, 70, 330);
  return svg`<circle cx=${sun} cy="72" r="26" fill=${light}></circle>
    <path d="M40 250 L110 176 L176 250z M250 250 L322 168 L390 250z" fill=${dark} opacity="0.35"></path>
    <path d="M200 ${peak} L78 250 H322z" fill=${main}></path>
    <path d="M200 ${peak} L322 250 H262z" fill=${dark} opacity="0.5"></path>
    <path d="M200 ${peak + 44} L164 250 H236z" fill=${dark}></path>
    <path d="M200 ${peak + 44} L164 250 H190z" fill=${light}></path>
    <path d="M200 ${peak} v-16" stroke=${dark} stroke-width="5" stroke-linecap="round"></path>`;
}

/** Of what kind soever: three shapes that lean on one another. */
export function other(chance, { main, dark, light }) {
  const size = between(chance, 56, 74);
  return svg`<circle cx=${150 + chance() * 20} cy=${250 - size} r=${size} fill=${main}></circle>
    <rect x="206" y=${250 - size * 2} width=${size * 1.4} height=${size * 2} rx="8" fill=${dark}></rect>
    <path d="M${120 + chance() * 30} 250 l${size * 0.8} ${-size * 1.3} l${size * 0.8} ${size * 1.3}z"
      fill=${light}></path>`;
}

/** The motif of each kind of product that the shop's own catalog has, by its category. */
export const motifs = new Map(
  Object.entries({
    "board games": game,
    books: book,
    coffee: cup,
    headphones,
    knives: knife,
    lamps: lamp,
    lenses: lens,
    plants: plant,
    shirts: shirt,
    tents: tent,
  }),
);
