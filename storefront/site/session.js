/**
 * Who is signed in, in this tab and in the others of this browser.
 *
 * The tokens lie in the tab's own storage: they outlive the way to the payment provider and back, and no tab.
 * docs/decisions/0091 says why. A new tab asks those that are open, so that a product can be opened beside.
 */

import { Refused, SignedOut } from "./errors.js";

const KEPT = "session";
const OTHERS_ANSWER_WITHIN_MS = 150;

export class Session {
  /** The customer: `{sub, name, email}`, or null. */
  customer = null;
  /** Whether a session has ended by itself: the customer wants to go on where it did. */
  isOver = false;

  #pool;
  #changed;
  #tokens = null;
  #refreshing = null;
  #others = new BroadcastChannel(KEPT);

  /** `changed` is called whenever somebody signs in or out, here or in another tab. */
  constructor(pool, changed) {
    this.#pool = pool;
    this.#changed = changed;
    this.#others.onmessage = ({ data }) => {
      if (data.wanted && this.#tokens) this.#others.postMessage({ tokens: this.#tokens });
      if (data.tokens && !this.#tokens) this.#take(data.tokens);
      if (data.ended && data.ended === this.customer?.sub) this.#forget();
    };
  }

  /**
   * Goes on with the session of this tab, or of another one; resolves when it is known whether there is one.
   */
  async restore() {
    const kept = sessionStorage.getItem(KEPT);
    if (kept) return this.#take(JSON.parse(kept));
    this.#others.postMessage({ wanted: true });
    await new Promise((resolve) => setTimeout(resolve, OTHERS_ANSWER_WITHIN_MS));
  }

  /** Begins with the tokens of somebody who has just signed in. */
  begin(tokens) {
    this.#take(tokens);
    this.#others.postMessage({ tokens });
  }

  /** The id token, to send with each call. Raises `SignedOut`. */
  get token() {
    if (!this.#tokens) throw new SignedOut();
    return this.#tokens.id;
  }

  /**
   * Gets a new token in the place of one that the shop refused. Raises `SignedOut` if there is none to get.
   */
  async renew(refused) {
    if (this.#tokens?.id !== refused) return;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null));
    await this.#refreshing;
  }

  /** Notes that the session has ended by itself. */
  end() {
    this.isOver = this.customer !== null;
    this.#forget();
  }

  /** Signs out, here and in the other tabs. */
  async signOut() {
    const refresh = this.#tokens?.refresh;
    this.#others.postMessage({ ended: this.customer?.sub });
    this.isOver = false;
    this.#forget();
    // Signed out is who has no tokens. That the pool forgets them, too, is not worth waiting for.
    if (refresh) await this.#pool.revoke(refresh).catch(() => {});
  }

  async #refresh() {
    const { refresh } = this.#tokens;
    try {
      this.#take(await this.#pool.refresh(refresh));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.end();
      throw new SignedOut();
    }
  }

  #take(tokens) {
    const claims = claimsOf(tokens.id);
    this.#tokens = tokens;
    this.customer = { sub: claims.sub, name: claims.name ?? claims.email, email: claims.email };
    this.isOver = false;
    sessionStorage.setItem(KEPT, JSON.stringify(tokens));
    this.#changed();
  }

  #forget() {
    this.#tokens = null;
    this.customer = null;
    sessionStorage.removeItem(KEPT);
    this.#changed();
  }
}

function claimsOf(token) {
  const bytes = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
}
