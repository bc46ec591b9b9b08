/**
 * The customer's cart: kept in this browser until it is ordered, shared by its tabs.
 *
 * It has one Idempotency-Key from its first piece until the shop has said yes or no to it. From the moment
 * that it is sent until then it cannot be changed: another order under the same key would be refused, and the
 * same under another key might be a second one.
 */

const PREFIX = "cart.";
export const MOST_PIECES = 10_000;

export class Cart {
  /**
   * `{product_id, name, category, price, quantity}` each, as the catalog said it when it was last looked at.
   */
  lines = [];
  /** Whether it was sent, and its answer is not known yet. */
  isSent = false;

  #key = "";
  #owner = "";
  #changed;

  /** `changed` is called whenever the cart changes, here or in another tab. */
  constructor(changed) {
    this.#changed = changed;
    addEventListener("storage", ({ key }) => {
      if (this.#owner && (key === null || key === PREFIX + this.#owner)) {
        this.#read();
        this.#changed();
      }
    });
  }

  /** How many pieces are in it. */
  get pieces() {
    return this.lines.reduce((sum, line) => sum + line.quantity, 0);
  }

  /** What it costs, a sum for each currency. */
  get totals() {
    const sums = new Map();
    for (const { price, quantity } of this.lines) {
      sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount * quantity);
    }
    return [...sums].map(([currency, amount]) => ({ amount, currency }));
  }

  /** Takes the cart of this customer in hand. */
  open(owner) {
    this.#owner = owner;
    this.#read();
  }

  /** Takes no customer's cart in hand; it stays for when its customer comes back. */
  close() {
    this.#owner = "";
    this.#set([], "", false);
  }

  /** Throws the cart away, and closes it: who signs out leaves nothing behind. */
  discard() {
    if (this.#owner) localStorage.removeItem(PREFIX + this.#owner);
    this.close();
  }

  /** The line of a product, if it is in the cart. */
  line(productId) {
    return this.lines.find((line) => line.product_id === productId);
  }

  /** Puts pieces of a product into it. */
  add(product, quantity) {
    this.change(product, quantity + (this.line(product.product_id)?.quantity ?? 0));
  }

  /** Has so many pieces of a product in it, named and priced as `product` says; none takes the line away. */
  change({ product_id, name, category, price }, quantity) {
    this.#read();
    if (this.isSent) return;
    const line = { product_id, name, category, price, quantity: Math.min(quantity, MOST_PIECES) };
    const known = this.line(product_id);
    const others = this.lines.filter((other) => other !== known);
    const lines =
      quantity < 1 ? others : known ? this.lines.map((l) => (l === known ? line : l)) : [...others, line];
    this.#write(lines, this.#key || crypto.randomUUID(), false);
  }

  /** What to send to the shop: `{key, lines}`. From now on the cart cannot be changed. */
  send() {
    this.#write(this.lines, this.#key, true);
    const lines = this.lines.map(({ product_id, quantity }) => ({ product_id, quantity }));
    return { key: this.#key, lines };
  }

  /** The shop has said yes: the cart is empty, and the next one another. */
  accepted() {
    this.#write([], "", false);
  }

  /** The shop has said no, for good: what is in it may be changed, and sent as another order. */
  refused() {
    this.#write(this.lines, crypto.randomUUID(), false);
  }

  #read() {
    const kept = JSON.parse(localStorage.getItem(PREFIX + this.#owner) ?? "{}");
    this.#set(kept.lines ?? [], kept.key ?? "", kept.isSent ?? false);
  }

  #write(lines, key, isSent) {
    this.#set(lines, key, isSent);
    localStorage.setItem(PREFIX + this.#owner, JSON.stringify({ lines, key, isSent }));
    this.#changed();
  }

  #set(lines, key, isSent) {
    this.lines = lines;
    this.#key = key;
    this.isSent = isSent;
  }
}
