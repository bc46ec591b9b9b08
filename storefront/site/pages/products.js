/** The list of products: of a category, of what was searched for, or all. */

import { count, titled } from "../format.js";
import { html, nothing } from "../library.js";
import { Paged } from "../paged.js";
import { blankCards, cards, emptiness } from "../parts.js";
import { hashOf } from "../router.js";

const PAGE = 24;

export class Products {
  #shop;
  #list;

  constructor(shop, query) {
    this.#shop = shop;
    this.#list = new Paged(
      (cursor, signal) => {
        const { q, category } = this;
        return shop.api.get("/products", { q, category, cursor, limit: PAGE }, signal);
      },
      (list) => this.#changed(list),
    );
    this.#narrow(query);
  }

  get title() {
    const where = this.category ? titled(this.category) : "All products";
    return this.q ? `“${this.q}” in ${where.toLowerCase()}` : where;
  }

  enter() {
    if (this.#list.isOld) this.#list.begin();
  }

  leave() {
    this.#list.stop();
  }

  /** Shows another search in the place of this one. */
  follow({ parts, query }) {
    if (parts.length !== 1 || parts[0] !== "products") return false;
    this.#narrow(query);
    this.#list.begin();
    return true;
  }

  view() {
    const { items: kinds = [] } = this.#shop.categories.value ?? {};
    return html`
      <h1>${this.title}</h1>
      <nav class="chips" aria-label="Categories">${["", ...kinds].map((kind) => this.#chip(kind))}</nav>
      ${this.#list.trouble()}
      <div class="results" aria-busy=${this.#list.isAsking} ?data-old=${this.#list.isOld}>
        ${this.#results()}
      </div>
    `;
  }

  #narrow(query) {
    this.q = query.get("q") ?? "";
    this.category = query.get("category") ?? "";
  }

  #changed({ items, isAsking, isOld }) {
    if (isAsking || isOld) return this.#shop.changed();
    this.#shop.announce(items.length ? `${count(items.length, "product")} shown.` : "Nothing was found.");
  }

  #chip(kind) {
    const here = kind === this.category;
    return html`<a
      href=${hashOf(["products"], { category: kind, q: this.q })}
      aria-current=${here ? "true" : nothing}
      >${kind ? titled(kind) : "All"}</a
    >`;
  }

  #results() {
    const { items, isAwaited, isRefused } = this.#list;
    if (isAwaited) return blankCards(8);
    if (items.length) return html`${cards(items)} ${this.#list.more("Show more")}`;
    if (isRefused) return nothing;
    const { q, category } = this;
    return category
      ? emptiness(
          "Nothing was found",
          `There is no such thing among ${category}.`,
          hashOf(["products"], { q }),
          "Search everywhere",
        )
      : emptiness(
          "Nothing was found",
          "Try fewer words, or other ones.",
          hashOf(["products"]),
          "See all products",
        );
  }
}
