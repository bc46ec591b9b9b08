/** One product: what it is, how many there are, and what others bought with it. */

import { picture } from "../art.js";
import { attribute, count, money, number, titled } from "../format.js";
import { html, nothing } from "../library.js";
import { cards, trouble } from "../parts.js";
import { Question } from "../question.js";
import { hashOf } from "../router.js";
import { stepper } from "../stepper.js";

const FEW = 5;

export class ProductPage {
  #shop;
  #product;
  #others;
  #quantity = 1;
  #added = 0;

  constructor(shop, productId) {
    const path = `/products/${encodeURIComponent(productId)}`;
    this.#shop = shop;
    this.#product = new Question(
      (signal) => shop.api.get(path, {}, signal),
      () => shop.changed(),
    );
    this.#others = new Question(
      (signal) => shop.api.get(`${path}/suggestions`, {}, signal),
      () => shop.changed(),
    );
  }

  get title() {
    return this.#product.value?.name ?? "Product";
  }

  enter() {
    this.#added = 0;
    this.#product.run();
    if (!this.#others.value || this.#others.value.incomplete) this.#others.run();
  }

  leave() {
    this.#product.stop();
    this.#others.stop();
  }

  view() {
    const { value: product } = this.#product;
    if (!product)
      return html`${trouble(this.#product)} ${this.#product.refused ? this.#gone() : this.#blank()}`;
    return html`
      <nav class="trail" aria-label="Where you are">
        <a href=${hashOf(["products"])}>Products</a>
        <a href=${hashOf(["products"], { category: product.category })}>${titled(product.category)}</a>
      </nav>
      ${trouble(this.#product)}
      <article class="product">
        <div class="frame">${picture(product)}</div>
        <div>
          <h1>${product.name}</h1>
          <p class="price">${money(product.price)}</p>
          <p class="lead">${product.description}</p>
          ${this.#stock(product)} ${this.#buying(product)}
          <h2 class="small">Details</h2>
          <dl class="details">
            ${Object.entries(product.attributes)
              .map(([name, value]) => attribute(name, value))
              .map(
                ([label, text]) =>
                  html`<div>
                    <dt>${label}</dt>
                    <dd>${text}</dd>
                  </div>`,
              )}
          </dl>
        </div>
      </article>
      ${this.#suggestions()}
    `;
  }

  #stock({ available }) {
    if (available === null)
      return html`<p class="stock warn">How many there are is not known at the moment.</p>`;
    if (available === 0) return html`<p class="stock bad">Sold out</p>`;
    if (available <= FEW) return html`<p class="stock warn">Only ${available} left</p>`;
    return html`<p class="stock good">In stock, ${number(available)} pieces</p>`;
  }

  #buying(product) {
    const { cart } = this.#shop;
    if (cart.isSent) {
      return html`<p class="notice warn">
        Your order is being placed. <a href="#/cart">See how it stands</a>
      </p>`;
    }
    if (product.available === 0) return nothing;
    const most = product.available ?? undefined;
    const add = (event) => {
      event.preventDefault();
      cart.add(product, this.#quantity);
      this.#added += this.#quantity;
      this.#quantity = 1;
      this.#shop.changed();
    };
    const change = (quantity) => {
      this.#quantity = quantity;
      this.#shop.changed();
    };
    return html`
      <form class="buying" @submit=${add}>
        ${stepper({ label: "Quantity", value: this.#quantity, most, change })}
        <button class="main">Add to cart</button>
      </form>
      <p class="added" role="status">
        ${
          this.#added
            ? html`${count(this.#added, "piece")} added. <a href="#/cart">Go to the cart</a>`
            : nothing
        }
      </p>
    `;
  }

  #suggestions() {
    const { value } = this.#others;
    if (!value?.items.length) return nothing;
    return html`<section aria-labelledby="others">
      <div class="heading"><h2 id="others">Others also bought</h2></div>
      ${cards(value.items)}
    </section>`;
  }

  #gone() {
    return html`<p><a class="button" href=${hashOf(["products"])}>See all products</a></p>`;
  }

  #blank() {
    return html`<h1 class="unseen">Product</h1>
      <div class="product blank" aria-busy="true">
        <div class="picture"></div>
        <div></div>
      </div>`;
  }
}
