/** One order: how it stands, and what its customer can do about it: pay, cancel, get the invoice. */

import { Away, Refused } from "../errors.js";
import { count, day, hour, moment, money } from "../format.js";
import { html, nothing } from "../library.js";
import { awayNotice, productHash, statusMark, statusName, trouble } from "../parts.js";
import { Question } from "../question.js";
import { canceledBecause, paymentSentence, steps } from "../story.js";

// How often the shop is asked how an order stands, in milliseconds; never where that changes no more.
const PAUSES = { reserving: 1000, awaiting_payment: 2000, delivering: 5000 };
const INVOICE_TRIES = 10;
const INVOICE_PAUSE_MS = 1000;

export class OrderPage {
  title = "Order";

  #shop;
  #path;
  #order;
  #payments;
  #comesBack;
  #timer = 0;
  /**
   * What the customer has asked for and the shop has not done yet: "pay", "cancel", "invoice", or nothing.
   */
  #doing = "";
  #trouble = null;
  #wake = () => document.hidden || this.#order.run();
  #back = (event) => event.persisted && this.#did(null);

  constructor(shop, orderId, query) {
    const id = encodeURIComponent(orderId);
    const changed = () => shop.changed();
    this.orderId = orderId;
    this.#shop = shop;
    this.#path = `/orders/${id}`;
    this.#comesBack = query.get("checkout");
    this.#order = new Question((signal) => this.#ask(signal), changed);
    this.#payments = new Question((signal) => shop.api.get(`/payments/${id}`, {}, signal), changed);
  }

  enter() {
    document.addEventListener("visibilitychange", this.#wake);
    addEventListener("pageshow", this.#back);
    this.#order.run();
  }

  leave() {
    document.removeEventListener("visibilitychange", this.#wake);
    removeEventListener("pageshow", this.#back);
    clearTimeout(this.#timer);
    this.#order.stop();
    this.#payments.stop();
  }

  view() {
    const { value: order } = this.#order;
    if (!order)
      return html`<h1>Order</h1>
        ${trouble(this.#order)}`;
    return html`
      <nav class="trail" aria-label="Where you are"><a href="#/orders">Your orders</a></nav>
      <div class="titled">
        <h1>Order of <time datetime=${order.placed_at}>${day(order.placed_at)}</time></h1>
        ${statusMark(order.status)}
      </div>
      ${trouble(this.#order)} ${this.#comingBack(order)}
      <div class="standing">
        <section aria-labelledby="story">
          <h2 id="story" class="small">How it stands</h2>
          <ol class="story">
            ${steps(order).map(step)}
          </ol>
          ${this.#actions(order)}
        </section>
        <section aria-labelledby="lines">
          <h2 id="lines" class="small">What you ordered</h2>
          <ul class="lines">
            ${order.lines.map(line)}
          </ul>
          <p class="sum"><span>Total</span><span class="total">${money(order.total)}</span></p>
          ${this.#paid()}
          <p class="soft">Number ${order.order_id}</p>
        </section>
      </div>
      ${this.#dialog()}
    `;
  }

  get #isShown() {
    return this.#shop.router.page === this;
  }

  async #ask(signal) {
    const before = this.#order.value?.status;
    const order = await this.#shop.api.get(this.#path, {}, signal);
    if (before !== order.status) this.#payments.run();
    if (before && before !== order.status) {
      this.#shop.announce(`${statusName(order.status)}. ${canceledBecause(order) ?? ""}`);
    }
    this.#askAgain(order);
    return order;
  }

  /** Asks how it stands once more, as long as that may change and somebody looks at it. */
  #askAgain({ status }) {
    clearTimeout(this.#timer);
    const pause = PAUSES[status];
    if (pause && this.#isShown && !document.hidden) this.#timer = setTimeout(() => this.#order.run(), pause);
  }

  /** What to say to somebody who comes from the provider's page, which proves nothing yet. */
  #comingBack({ status, expires_at: until }) {
    if (status !== "awaiting_payment" || !this.#comesBack) return nothing;
    if (this.#comesBack === "paid") {
      return html`<p class="notice good" role="status">
        Thank you. As soon as the payment provider has told the shop, your order is on its way.
      </p>`;
    }
    return html`<p class="notice" role="status">
      Not paid yet. The order waits for you until ${hour(until)}.
    </p>`;
  }

  #actions(order) {
    const { status } = order;
    const isPaid = status === "delivering" || status === "delivered";
    return html`
      ${this.#trouble ? html`<p class="notice bad" role="alert">${this.#trouble}</p>` : nothing}
      ${status === "awaiting_payment" ? this.#paying(order) : nothing}
      ${
        isPaid
          ? html`<div class="actions">
              ${this.#button("invoice", "", "Download the invoice", "One moment…", () => this.#invoice())}
            </div>`
          : nothing
      }
      ${
        status === "canceled"
          ? html`<div class="actions">
              <button type="button" @click=${() => this.#again(order)}>Put it all into the cart again</button>
            </div>`
          : nothing
      }
    `;
  }

  /** Who says to have paid is not asked to pay again at once, nor to cancel. */
  #paying({ total }) {
    const pay = (kind, text) =>
      this.#button("pay", kind, text, "Opening the payment page…", () => this.#pay());
    if (this.#comesBack === "paid")
      return html`<div class="actions">${pay("quiet", "Back to the payment page")}</div>`;
    return html`<div class="actions">
      ${pay("main", `Pay ${money(total)}`)}
      <button type="button" class="quiet" @click=${() => document.querySelector("dialog").showModal()}>
        Cancel the order
      </button>
    </div>`;
  }

  #button(name, kind, text, busyText, press) {
    const isBusy = this.#doing === name;
    return html`<button
      type="button"
      class=${kind}
      aria-disabled=${Boolean(this.#doing)}
      @click=${() => this.#doing || press()}
    >
      ${isBusy ? busyText : text}
    </button>`;
  }

  #paid() {
    const payments = this.#payments.value?.payments ?? [];
    if (!payments.length) return nothing;
    return html`<ul class="payments">
      ${payments.map(
        (payment) =>
          html`<li>
            ${paymentSentence(payment)}
            <time class="soft" datetime=${payment.occurred_at}>${moment(payment.occurred_at)}</time>
          </li>`,
      )}
    </ul>`;
  }

  #dialog() {
    const close = () => document.querySelector("dialog").close();
    const cancel = () => {
      close();
      this.#cancel();
    };
    return html`<dialog aria-labelledby="sure">
      <h2 id="sure">Cancel this order?</h2>
      <p>What was set aside for you goes back on the shelf. You have paid nothing.</p>
      <div class="actions">
        <button type="button" class="main" @click=${cancel}>Cancel the order</button>
        <button type="button" class="quiet" @click=${close}>Keep it</button>
      </div>
    </dialog>`;
  }

  #pay() {
    return this.#do("pay", async () => {
      const { url } = await this.#shop.api.post("/payments/checkout", { order_id: this.orderId });
      location.assign(url);
      // Until the provider's page is there, this button says so.
      return "pay";
    });
  }

  #cancel() {
    return this.#do("cancel", async () => {
      this.#order.stop();
      const order = await this.#shop.api.post(`${this.#path}/cancel`);
      this.#order.value = order;
      this.#shop.announce(canceledBecause(order) ?? statusName(order.status));
    });
  }

  /** The invoice is written soon after the order is paid: somebody who is quicker waits a little. */
  #invoice() {
    return this.#do("invoice", async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          const { url } = await this.#shop.api.get(`/invoices/${encodeURIComponent(this.orderId)}`);
          location.assign(url);
          return;
        } catch (error) {
          if (!(error instanceof Refused && error.status === 404) || tries === INVOICE_TRIES) throw error;
          await new Promise((resolve) => setTimeout(resolve, INVOICE_PAUSE_MS));
        }
      }
    });
  }

  async #do(name, work) {
    this.#doing = name;
    this.#trouble = null;
    this.#shop.changed();
    let doing = "";
    try {
      doing = (await work()) ?? "";
    } catch (error) {
      if (error instanceof Away) this.#trouble = `${error.message} Please try again.`;
      else if (error instanceof Refused) this.#trouble = error.message;
    }
    this.#did(doing);
    // It may stand otherwise now than the page thought.
    if (name !== "invoice" && this.#isShown) this.#order.run();
  }

  #did(doing) {
    this.#doing = doing ?? "";
    this.#shop.changed();
  }

  async #again(order) {
    const { api, cart } = this.#shop;
    await this.#do("again", async () => {
      for (const { product_id, quantity } of order.lines) {
        cart.add(await api.get(`/products/${encodeURIComponent(product_id)}`), quantity);
      }
      this.#shop.go("#/cart");
    });
  }
}

function step({ name, at, state, text }) {
  return html`<li class=${state} aria-current=${state === "now" ? "step" : nothing}>
    <span class="step-name">${name}</span>
    ${at ? html`<time class="soft" datetime=${at}>${moment(at)}</time>` : nothing}
    ${text ? html`<span class="soft">${text}</span>` : nothing}
  </li>`;
}

function line({ product_id: id, name, quantity, unit_price: price }) {
  return html`<li class="line">
    <div>
      <a class="line-name" href=${productHash(id)}>${name}</a>
      <p class="soft">${count(quantity, "piece")}, ${money(price)} each</p>
    </div>
    <p class="price">${money({ ...price, amount: price.amount * quantity })}</p>
  </li>`;
}
