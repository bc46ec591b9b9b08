/** The first page: what kinds of things there are, and some of one kind. */

import { picture } from "../art.js";
import { titled } from "../format.js";
import { html, nothing } from "../library.js";
import { blankCards, cards, trouble } from "../parts.js";
import { Question } from "../question.js";
import { hashOf } from "../router.js";

const DAY_MS = 24 * 3600 * 1000;
const SHOWN = 8;

export class Home {
  title = "";

  #shop;
  #picked;

  constructor(shop) {
    this.#shop = shop;
    this.#picked = new Question(
      (signal) => shop.api.get("/products", { category: this.#category, limit: SHOWN }, signal),
      () => shop.changed(),
    );
  }

  enter() {
    this.#pick();
  }

  leave() {
    this.#picked.stop();
  }

  view() {
    const { categories, session } = this.#shop;
    const kinds = categories.value?.items ?? [];
    this.#pick();
    return html`
      <section class="hello">
        <h1>Good to see you, ${session.customer.name}.</h1>
        <p>Everything here is kept in stock, or we say so. Take your time.</p>
      </section>
      ${trouble(categories)}
      <nav aria-label="Categories">
        <ul class="kinds">
          ${kinds.map(
            (kind) =>
              html`<li>
                <a class="kind" href=${hashOf(["products"], { category: kind })}>
                  ${picture({ product_id: kind, category: kind })}<span>${titled(kind)}</span>
                </a>
              </li>`,
          )}
        </ul>
      </nav>
      ${kinds.length ? this.#today() : nothing}
    `;
  }

  /** Asks for the products of today, once it is known what kinds there are. */
  #pick() {
    const { value, refused, away, isAsking } = this.#picked;
    if (this.#category && !value && !refused && !away && !isAsking) this.#picked.run();
  }

  /** Each day another kind. */
  get #category() {
    const kinds = this.#shop.categories.value?.items ?? [];
    return kinds[Math.floor(Date.now() / DAY_MS) % kinds.length];
  }

  #today() {
    const { value } = this.#picked;
    return html`<section aria-labelledby="today">
      <div class="heading">
        <h2 id="today">Today: ${this.#category}</h2>
        <a href=${hashOf(["products"], { category: this.#category })}>All ${this.#category}</a>
      </div>
      ${trouble(this.#picked)} ${value ? cards(value.items) : blankCards(4)}
    </section>`;
  }
}
