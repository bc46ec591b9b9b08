/**
 * Which page is shown: what stands behind the # of the address, so that any path of the site is the API's.
 *
 * A page is an object: `title`, `view()`, and where it needs them `enter()`, `leave()` and `follow(route)`,
 * which says whether it can show another route by itself. Pages are kept for a while, so that going back
 * finds them as they were.
 */

const MOST_KEPT = 20;

/**
 * A route of an address's fragment: `#/products/a%20b?x=1` has the parts ["products", "a b"] and the query
 * x=1.
 */
export function routeOf(hash) {
  const [path, query = ""] = hash.replace(/^#?\/?/, "").split(/\?(.*)/s);
  const parts = path.split("/").filter(Boolean).map(decoded);
  return { parts, query: new URLSearchParams(query) };
}

/** The fragment of a route; query parameters that are empty are left out. */
export function hashOf(parts, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value);
  const path = `#/${parts.map(encodeURIComponent).join("/")}`;
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

export class Router {
  page = null;

  #make;
  #moved;
  #kept = new Map();
  #key = "";
  #hasShown = false;

  /**
   * `make(route)` gives a new page. `moved(top, isFirst)` is called when a page is shown: how far down it was
   * when it was left, and whether no page was shown before.
   */
  constructor(make, moved) {
    this.#make = make;
    this.#moved = moved;
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => this.#show());
  }

  /** Shows the page of the address. */
  start() {
    this.#show();
  }

  /** Goes to a fragment. With `replace`, going back will lead past where one is now. */
  go(hash, { replace = false } = {}) {
    if (replace) {
      history.replaceState(history.state, "", hash);
      if (this.page?.follow?.(routeOf(hash))) return;
      this.page?.leave?.();
      this.page = null;
      this.#kept.delete(this.#key);
      this.#show();
    } else {
      location.hash = hash;
    }
  }

  /** Forgets all pages: what they show is for nobody else. */
  forget() {
    this.page?.leave?.();
    this.page = null;
    this.#hasShown = false;
    this.#kept.clear();
  }

  #show() {
    const isFirst = !this.#hasShown;
    this.#hasShown = true;
    if (this.page) {
      this.page.leave?.();
      this.#kept.set(this.#key, { page: this.page, top: scrollY });
    }
    if (!history.state?.key) history.replaceState({ key: crypto.randomUUID() }, "");
    this.#key = history.state.key;
    const known = this.#kept.get(this.#key);
    // The newest is the last one.
    this.#kept.delete(this.#key);
    for (const key of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(key);
    this.page = known?.page ?? this.#make(routeOf(location.hash));
    this.page.enter?.();
    this.#moved(known?.top ?? 0, isFirst);
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
