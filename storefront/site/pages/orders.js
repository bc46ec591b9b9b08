/** The customer's orders, the newest first. */

import { count, day, listed, money } from "../format.js";
import { html, nothing, repeat } from "../library.js";
import { Paged } from "../paged.js";
import { emptiness, statusMark } from "../parts.js";
import { hashOf } from "../router.js";

const PAGE = 10;
const LARGEST_PAGE = 100;
const NAMED = 2;

export class Orders {
  title = "Your orders";

  #list;

  constructor(shop) {
    this.#list = new Paged(
      (cursor, signal) => {
        const { items, isOld } = this.#list;
        const limit = isOld ? Math.min(Math.max(PAGE, items.length), LARGEST_PAGE) : PAGE;
        return shop.api.get("/orders", { cursor, limit }, signal);
      },
      ({ items, isAsking, isOld }) => {
        if (isAsking || isOld) shop.changed();
        else shop.announce(`${count(items.length, "order")} shown.`);
      },
    );
  }

  /** States change: as many orders as were shown are asked for anew. */
  enter() {
    this.#list.begin();
  }

  leave() {
    this.#list.stop();
  }

  view() {
    return html`<h1>Your orders</h1>
      ${this.#list.trouble()}
      <div aria-busy=${this.#list.isAsking}>${this.#orders()} ${this.#list.more("Older orders")}</div>`;
  }

  #orders() {
    const { items, isOld, isIncomplete } = this.#list;
    if (items.length) {
      return html`<ol class="orders">
        ${repeat(
          items,
          (order) => order.order_id,
          (order) => html`<li>${entry(order)}</li>`,
        )}
      </ol>`;
    }
    if (isOld || isIncomplete) return nothing;
    return emptiness("No orders yet", "What you order is listed here.", "#/products", "Look around");
  }
}

function entry(order) {
  const names = order.lines.slice(0, NAMED).map((line) => line.name);
  const others = order.lines.length - names.length;
  return html`<a class="order" href=${hashOf(["orders", order.order_id])}>
    <span class="order-names">${listed(others ? [...names, `${others} more`] : names)}</span>
    <span class="soft"><time datetime=${order.placed_at}>${day(order.placed_at)}</time></span>
    ${statusMark(order.status)}
    <span class="price">${money(order.total)}</span>
  </a>`;
}
