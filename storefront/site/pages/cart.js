/** The cart: what is in it, what it costs, and ordering it. */

import { picture } from "../art.js";
import { Refused } from "../errors.js";
import { count, listed, money } from "../format.js";
import { html, nothing, repeat } from "../library.js";
import { awayNotice, emptiness, productHash, trouble } from "../parts.js";
import { Question } from "../question.js";
import { stepper } from "../stepper.js";

export class CartPage {
  title = "Cart";

  #shop;
  #catalog;

  constructor(shop) {
    this.#shop = shop;
    this.#catalog = new Question(
      (signal) => this.#look(signal),
      () => shop.changed(),
    );
  }

  enter() {
    this.#catalog.run();
  }

  leave() {
    this.#catalog.stop();
  }

  view() {
    const { cart } = this.#shop;
    if (!cart.lines.length) {
      return html`<h1>Cart</h1>
        ${emptiness("Your cart is empty", "What you put in is kept here.", "#/products", "Look around")}`;
    }
    return html`<h1>Cart</h1>
      ${trouble(this.#catalog)} ${this.#state()}
      <div class="cart">
        <ul class="lines">
          ${repeat(
            cart.lines,
            (line) => line.product_id,
            (line) => this.#line(line),
          )}
        </ul>
        ${this.#summary()}
      </div>`;
  }

  /**
   * What the catalog says now of each product in the cart, by its id: null for what is no longer for sale.
   */
  async #look(signal) {
    const { api, cart } = this.#shop;
    const found = await Promise.all(cart.lines.map(({ product_id }) => product(api, product_id, signal)));
    const known = new Map(cart.lines.map(({ product_id }, index) => [product_id, found[index]]));
    for (const line of cart.lines) {
      const now = known.get(line.product_id);
      const isAnother = now && (now.name !== line.name || now.price.amount !== line.price.amount);
      if (isAnother) cart.change(now, line.quantity);
    }
    return known;
  }

  /** How ordering stands. */
  #state() {
    const { ordering } = this.#shop;
    const { away, refused, isUnderWay } = ordering;
    if (away && isUnderWay) {
      return html`${awayNotice(away, () => ordering.place())}
        <p class="soft">
          Whether your order was placed is not known yet. It is asked again until the shop answers, and you
          never order twice by that.
        </p>`;
    }
    if (refused) return html`<p class="notice bad" role="alert">${this.#inWords(refused)}</p>`;
    return nothing;
  }

  /** The shop's sentence; products have names, not numbers, where the cart knows them. */
  #inWords(refused) {
    const { products = [] } = refused.body;
    if (refused.code !== "out_of_stock" || !products.length) return refused.message;
    return `There are not enough pieces left of ${listed(products.map((id) => this.#name(id)))}.`;
  }

  #name(productId) {
    return this.#shop.cart.line(productId)?.name ?? productId;
  }

  #line(line) {
    const { cart } = this.#shop;
    const now = this.#catalog.value?.get(line.product_id);
    const isLocked = cart.isSent;
    return html`<li class="line">
      <a class="thumb" href=${productHash(line.product_id)} tabindex="-1" aria-hidden="true"
        >${picture(line)}</a
      >
      <div>
        <a class="line-name" href=${productHash(line.product_id)}>${line.name}</a>
        <p class="soft">${money(line.price)} each</p>
        ${this.#shortage(line, now)}
      </div>
      <div class="line-buttons">
        ${
          isLocked
            ? html`<span>${count(line.quantity, "piece")}</span>`
            : html`${stepper({
                  label: "Quantity",
                  of: line.name,
                  value: line.quantity,
                  change: (quantity) => cart.change(line, quantity),
                })}
                <button
                  type="button"
                  class="quiet"
                  aria-label="Remove ${line.name}"
                  @click=${() => this.#remove(line)}
                >
                  Remove
                </button>`
        }
      </div>
      <p class="price">${money({ ...line.price, amount: line.price.amount * line.quantity })}</p>
    </li>`;
  }

  #shortage(line, now) {
    if (now === null) return html`<p class="stock bad">No longer for sale</p>`;
    if (!now || now.available === null || now.available >= line.quantity) return nothing;
    if (now.available === 0) return html`<p class="stock bad">Sold out</p>`;
    return html`<p class="stock warn">
      Only ${now.available} left
      ${
        this.#shop.cart.isSent
          ? nothing
          : html`<button
              type="button"
              class="quiet"
              @click=${() => this.#shop.cart.change(line, now.available)}
            >
              Take ${now.available}
            </button>`
      }
    </p>`;
  }

  #remove(line) {
    this.#shop.cart.change(line, 0);
    this.#shop.announce(`${line.name} is no longer in the cart.`);
    document.querySelector("main").focus({ preventScroll: true });
  }

  #summary() {
    const { cart, ordering } = this.#shop;
    return html`<section class="summary" aria-labelledby="total">
      <h2 id="total" class="small">Total, ${count(cart.pieces, "piece")}</h2>
      ${cart.totals.map((sum) => html`<p class="total">${money(sum)}</p>`)}
      <button
        type="button"
        class="main wide"
        aria-disabled=${ordering.isUnderWay}
        @click=${() => this.#place()}
      >
        ${ordering.isUnderWay ? "Placing your order…" : "Place order"}
      </button>
      <p class="soft">You pay on the payment provider's page. Until then your order waits for you.</p>
    </section>`;
  }

  #place() {
    const { ordering } = this.#shop;
    if (!ordering.isUnderWay) ordering.place().then(() => ordering.refused && this.#catalog.run());
  }
}

async function product(api, productId, signal) {
  try {
    return await api.get(`/products/${encodeURIComponent(productId)}`, {}, signal);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}
