/** What several pages show: cards, notices, states of an order. */

import { picture } from "./art.js";
import { money, titled } from "./format.js";
import { html, nothing, repeat } from "./library.js";
import { hashOf } from "./router.js";

/** The address of a product's page. */
export function productHash(productId) {
  return hashOf(["products", productId]);
}

/** Products as cards, each a link. */
export function cards(products) {
  return html`<ul class="cards">
    ${repeat(
      products,
      (product) => product.product_id,
      (product) => html`<li>${card(product)}</li>`,
    )}
  </ul>`;
}

function card(product) {
  return html`<a class="card" href=${productHash(product.product_id)}>
    ${picture(product)}
    <span class="card-text">
      <span class="kicker">${titled(product.category)}</span>
      <span class="card-name">${product.name}</span>
      <span class="price">${money(product.price)}</span>
    </span>
  </a>`;
}

/** So many cards whose products are not there yet. */
export function blankCards(many) {
  const blank = html`<li class="card blank" aria-hidden="true">
    <span class="picture"></span><span class="card-text"><span></span><span></span></span>
  </li>`;
  return html`<ul class="cards">
    ${Array.from({ length: many }, () => blank)}
  </ul>`;
}

/** Why there is no answer to a question (yet); nothing where there is one. */
export function trouble(question) {
  if (question.away) return awayNotice(question.away, () => question.run());
  if (question.refused) return html`<p class="notice bad" role="alert">${question.refused.message}</p>`;
  return nothing;
}

/** Nobody answers; the page asks again by itself, or at once. */
export function awayNotice(away, again) {
  return html`<div class="notice warn" role="alert">
    <p>${away.message} Trying again by itself.</p>
    <button type="button" class="quiet" @click=${again}>Try now</button>
  </div>`;
}

const STATUSES = {
  reserving: ["Being placed", "waiting"],
  awaiting_payment: ["Waiting for payment", "waiting"],
  delivering: ["On its way", "good"],
  delivered: ["Delivered", "good"],
  canceled: ["Canceled", "bad"],
};

/** The state of an order in a customer's words. */
export function statusName(status) {
  return STATUSES[status]?.[0] ?? titled(status.replaceAll("_", " "));
}

/** The state of an order as a mark. */
export function statusMark(status) {
  return html`<span class="mark ${STATUSES[status]?.[1] ?? ""}">${statusName(status)}</span>`;
}

/** Where there is nothing to show, and where to go from there. */
export function emptiness(heading, text, hash, link) {
  return html`<div class="empty">
    <h2>${heading}</h2>
    <p>${text}</p>
    <p><a class="button" href=${hash}>${link}</a></p>
  </div>`;
}
