/** What pages ask the shop, and what they know of the answer. */

import { Away, Refused, SignedOut } from "./errors.js";

// Seconds between one try and the next, while nobody answers.
const PAUSES = [1, 2, 4, 8, 15];

/**
 * A question and the newest answer to it, `value`; or `refused`, the shop's no.
 *
 * While nobody answers, `away` says why, and the question is asked again by itself, at once when the browser
 * finds its network again. Whoever may not be asked twice is not for a Question.
 */
export class Question {
  value = null;
  refused = null;
  away = null;
  isAsking = false;

  #ask;
  #changed;
  #tries = 0;
  #timer = 0;
  #asked = null;
  #again = () => this.#timer && this.run();

  /** `ask(signal)` resolves to the answer; `changed` is called whenever what is known changes. */
  constructor(ask, changed) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Asks, instead of what may be under way; resolves when this try has ended, whichever way. */
  async run() {
    this.stop();
    const asked = (this.#asked = new AbortController());
    this.isAsking = true;
    this.#changed();
    try {
      const value = await this.#ask(asked.signal);
      if (asked.signal.aborted) return;
      Object.assign(this, { value, refused: null, away: null });
      this.#tries = 0;
    } catch (error) {
      if (asked.signal.aborted) return;
      this.#note(error);
    }
    this.isAsking = false;
    this.#asked = null;
    this.#changed();
  }

  /** Gives up what is under way; what is known stays. */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    removeEventListener("online", this.#again);
    this.#asked?.abort();
    this.#asked = null;
    this.isAsking = false;
  }

  #note(error) {
    if (error instanceof Away) {
      this.away = error;
      const pause = PAUSES[Math.min(this.#tries++, PAUSES.length - 1)];
      this.#timer = setTimeout(() => this.run(), Math.max(pause, error.seconds) * 1000);
      addEventListener("online", this.#again);
    } else if (error instanceof Refused) {
      Object.assign(this, { refused: error, away: null });
    } else if (!(error instanceof SignedOut)) {
      throw error;
    }
  }
}
