/**
 * Orders what is in the cart, once: pressed twice, asked again after a lost answer, or gone on with after a
 * reload.
 */

import { Refused } from "./errors.js";
import { Question } from "./question.js";

export class Ordering {
  #cart;
  #question;

  /** `ordered(order)` is called when the shop has said yes; `changed` whenever something else is known. */
  constructor(api, cart, ordered, changed) {
    this.#cart = cart;
    this.#question = new Question(async (signal) => {
      const { key, lines } = cart.send();
      try {
        // The shop's logs, and all that follows from the order, have the cart's own name for it, too.
        const named = { "Idempotency-Key": key, "X-Correlation-Id": key };
        const order = await api.post("/orders", { lines }, named);
        if (signal.aborted) return;
        cart.accepted();
        ordered(order);
      } catch (error) {
        if (error instanceof Refused && !signal.aborted) cart.refused();
        throw error;
      }
    }, changed);
  }

  /** Whether the shop has been asked, and its answer is not known. */
  get isUnderWay() {
    return this.#cart.isSent;
  }

  /** Why the answer is not known, while it is asked for again. */
  get away() {
    return this.#question.away;
  }

  /** The shop's no to the last order. */
  get refused() {
    return this.#question.refused;
  }

  /** Orders the cart, or asks again for the answer; resolves when this try has ended, whichever way. */
  async place() {
    if (this.#question.isAsking || !this.#cart.lines.length) return;
    this.#question.refused = null;
    await this.#question.run();
  }

  /**
   * Goes on with an order that was sent before the page was loaded, or before the customer signed in again.
   */
  resume() {
    if (this.isUnderWay) this.place();
  }

  /** Forgets all: somebody signs out. */
  stop() {
    this.#question.stop();
    Object.assign(this.#question, { refused: null, away: null });
  }
}
