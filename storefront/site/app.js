/** The shop window: starts, and shows the page of the address, or where to sign in. */

import { Api } from "./api.js";
import { Cart } from "./cart.js";
import { answered, Away } from "./errors.js";
import { frame } from "./frame.js";
import { html, render } from "./library.js";
import { Ordering } from "./ordering.js";
import { CartPage } from "./pages/cart.js";
import { Home } from "./pages/home.js";
import { Nothing } from "./pages/nothing.js";
import { OrderPage } from "./pages/order.js";
import { Orders } from "./pages/orders.js";
import { ProductPage } from "./pages/product.js";
import { Products } from "./pages/products.js";
import { SignIn } from "./pages/sign-in.js";
import { awayNotice } from "./parts.js";
import { Pool } from "./pool.js";
import { Question } from "./question.js";
import { hashOf, Router } from "./router.js";
import { Session } from "./session.js";

const TYPING_PAUSE_MS = 200;

/** What all pages share. */
class Shop {
  /** What a screen reader is told of what changed. */
  announcement = "";
  /** What stands in the search field. */
  sought = "";

  #root = document.querySelector("#shop");
  #isDue = false;
  #typing = 0;
  #owner = null;

  constructor(config) {
    const changed = () => this.changed();
    this.config = config;
    this.pool = new Pool(config);
    this.session = new Session(this.pool, () => this.#signedInOrOut());
    this.api = new Api(this.session);
    this.cart = new Cart(changed);
    this.ordering = new Ordering(this.api, this.cart, (order) => this.#ordered(order), changed);
    this.categories = new Question((signal) => this.api.get("/categories", {}, signal), changed);
    this.signIn = new SignIn(this);
    this.router = new Router(
      (route) => this.#pageOf(route),
      (top, isFirst) => this.#moved(top, isFirst),
    );
  }

  async start() {
    comeBack();
    await this.session.restore();
    this.changed();
  }

  /** Shows what is known now, soon. */
  changed() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#show();
    });
  }

  /** Tells those who cannot see it what changed on the page. */
  announce(sentence) {
    this.announcement = sentence;
    this.changed();
  }

  /** Looks for what was typed: when typing pauses, or now. */
  search(text, { now = false } = {}) {
    clearTimeout(this.#typing);
    this.sought = text;
    this.#typing = setTimeout(() => this.#seek(text.trim()), now ? 0 : TYPING_PAUSE_MS);
  }

  go(hash, options) {
    this.router.go(hash, options);
  }

  async signOut() {
    this.ordering.stop();
    this.cart.discard();
    const ended = this.session.signOut();
    history.replaceState(null, "", "#/");
    await ended;
  }

  #seek(q) {
    const here = this.router.page;
    const category = here instanceof Products ? here.category : "";
    if (here instanceof Products ? here.q === q : !q) return;
    // Each letter is not a step to go back.
    this.go(hashOf(["products"], { category, q }), { replace: here instanceof Products });
  }

  #signedInOrOut() {
    const { customer } = this.session;
    if (customer?.sub === this.#owner) return this.changed();
    if (customer) {
      // Where one was is for nobody else.
      if (this.lastOwner && this.lastOwner !== customer.sub) this.router.forget();
      this.lastOwner = customer.sub;
      this.cart.open(customer.sub);
      this.categories.run();
      this.router.page ? this.router.page.enter?.() : this.router.start();
      this.ordering.resume();
    } else {
      this.router.page?.leave?.();
      this.ordering.stop();
      this.cart.close();
      this.signIn = new SignIn(this);
      if (!this.session.isOver) this.router.forget();
    }
    this.#owner = customer?.sub ?? null;
    this.changed();
  }

  #pageOf({ parts: [first = "", second], query }) {
    const known = {
      "": () => new Home(this),
      products: () => (second ? new ProductPage(this, second) : new Products(this, query)),
      cart: () => new CartPage(this),
      orders: () => (second ? new OrderPage(this, second, query) : new Orders(this)),
    };
    return Object.hasOwn(known, first) ? known[first]() : new Nothing();
  }

  #moved(top, isFirst) {
    const { page } = this.router;
    if (!(page instanceof Products)) this.sought = "";
    else this.sought = page.q;
    this.#show();
    scrollTo(0, top);
    // Whoever comes in begins at the top, whoever types goes on typing, and whoever follows a link is there.
    if (!isFirst && !document.activeElement.matches("#q")) {
      document.querySelector("main").focus({ preventScroll: true });
    }
    this.announce(page.title || this.config.name);
  }

  #ordered(order) {
    if (this.router.page instanceof CartPage) this.go(hashOf(["orders", order.order_id]), { replace: true });
    this.announce("Your order is placed.");
  }

  #show() {
    const { customer } = this.session;
    const page = customer ? this.router.page : this.signIn;
    if (!page) return;
    document.title = [page.title, this.config.name].filter(Boolean).join(" · ");
    render(frame(this, page.view()), this.#root);
  }
}

/** The payment provider sends a customer back with the order in the query: that is a page of ours. */
function comeBack() {
  const query = new URLSearchParams(location.search);
  const order = query.get("order_id");
  if (order) {
    const hash = hashOf(["orders", order], { checkout: query.get("checkout") });
    history.replaceState(null, "", location.pathname + hash);
  }
}

/** What the page has to know of where it runs: `config.json` beside it. Asked for until it is there. */
async function config() {
  const root = document.querySelector("#shop");
  for (;;) {
    try {
      const answer = await answered(fetch("config.json", { cache: "no-store" }));
      if (answer.ok) return await answer.json();
      throw new Away("The shop is about to open.");
    } catch (error) {
      const again = new Promise((resolve) => {
        render(html`<main class="narrow">${awayNotice(error, resolve)}</main>`, root);
        setTimeout(resolve, 2000);
      });
      await again;
    }
  }
}

await new Shop(await config()).start();
