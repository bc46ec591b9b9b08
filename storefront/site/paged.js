/** Lists of the API that are shown page by page. */

import { html, nothing } from "./library.js";
import { trouble } from "./parts.js";
import { Question } from "./question.js";

/** The items that are known of a list, and the way to the others. */
export class Paged {
  /** In the order of the list. */
  items = [];
  /** Whether `items` are those of an earlier look, shown until those of this one are there. */
  isOld = true;
  /** Whether the shop said that items are missing for the moment. */
  isIncomplete = false;

  #next = null;
  #question;

  /**
   * `ask(cursor, signal)` resolves to a page: `{items, next}`, and `incomplete` where items may be missing;
   * the first cursor is null. `changed(list)` is called whenever something else is known.
   */
  constructor(ask, changed) {
    this.#question = new Question(
      (signal) => this.#look(ask, signal),
      () => changed(this),
    );
  }

  /** Whether nothing is known yet, and may be soon. */
  get isAwaited() {
    return !this.items.length && (this.#question.isAsking || this.#question.away !== null);
  }

  /** Whether the shop refused what was asked. */
  get isRefused() {
    return this.#question.refused !== null;
  }

  get isAsking() {
    return this.#question.isAsking;
  }

  /** Asks for the first page, anew. */
  begin() {
    this.#next = null;
    this.isOld = true;
    this.#question.refused = null;
    return this.#question.run();
  }

  stop() {
    this.#question.stop();
  }

  /** Why the first page is not there. */
  trouble() {
    return this.isOld ? trouble(this.#question) : nothing;
  }

  /** The way to the next page, at the end of the list; `text` says what it leads to. */
  more(text) {
    if (this.isOld) return nothing;
    const { isAsking, away, refused } = this.#question;
    if (away || refused) return trouble(this.#question);
    if (this.isIncomplete) {
      return html`<div class="notice warn" role="alert">
        <p>Not everything can be shown at the moment.</p>
        <button type="button" class="quiet" @click=${() => this.#question.run()}>Try again</button>
      </div>`;
    }
    if (!this.#next) return nothing;
    return html`<p class="more">
      <button type="button" aria-disabled=${isAsking} @click=${() => isAsking || this.#question.run()}>
        ${isAsking ? "Looking…" : text}
      </button>
    </p>`;
  }

  /** The next page that has something on it: a search of frequent words may look at many for nothing. */
  async #look(ask, signal) {
    let page = { next: this.#next };
    let items = this.isOld ? [] : this.items;
    do {
      page = await ask(page.next, signal);
      items = [...items, ...page.items];
    } while (page.next && !page.items.length && !page.incomplete);
    if (signal.aborted) return;
    Object.assign(this, { items, isOld: false, isIncomplete: page.incomplete ?? false });
    this.#next = page.next;
  }
}
