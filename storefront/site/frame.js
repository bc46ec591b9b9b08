/**
 * What stands around every page: the shop's name, the search, the ways to orders and cart, and who is signed
 * in.
 */

import { count } from "./format.js";
import { html, live, nothing, svg } from "./library.js";

const ICONS = {
  orders: svg`<path d="M6 3h12v18l-3-2-3 2-3-2-3 2z M9 8h6 M9 12h6"></path>`,
  cart: svg`<path d="M5 8h14l-1.2 11.2a2 2 0 0 1-2 1.8H8.2a2 2 0 0 1-2-1.8z M9 10V7a3 3 0 0 1 6 0v3"></path>`,
  out: svg`<path d="M10 4H5v16h5 M14 8l4 4-4 4 M18 12H9"></path>`,
  search: svg`<circle cx="11" cy="11" r="6"></circle><path d="M15.5 15.5L20 20"></path>`,
};

const MARK = new URL("icon.svg", import.meta.url).href;

// More has no room in the mark on the cart.
const MOST_SHOWN = 99;

function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
}

/**
 * The whole document around a page.
 *
 * `shop` has `config`, `session`, `cart`, `announcement`, `sought` and `search(text, {now})`; `main` is what
 * the page shows.
 */
export function frame(shop, main) {
  const { customer } = shop.session;
  const { name, mailbox } = shop.config;
  return html`
    <a class="skip" href="#main" @click=${skip}>To the content</a>
    <header class="top">
      <div class="bar">
        <a class="brand" href="#/"><img src=${MARK} alt="" width="28" height="28" />${name}</a>
        ${customer ? html`${searchForm(shop)}${ways(shop, customer)}` : nothing}
      </div>
    </header>
    <main id="main" tabindex="-1">${main}</main>
    <footer class="bottom">
      <p>${name} runs without servers. Its pictures are drawn, not taken.</p>
      ${mailbox ? html`<p><a href=${mailbox}>The mails that it sent</a></p>` : nothing}
    </footer>
    <p class="unseen" role="status">${shop.announcement}</p>
  `;
}

function searchForm(shop) {
  const typed = (event) => shop.search(event.target.value, { now: event.type === "search" });
  const sent = (event) => {
    event.preventDefault();
    shop.search(event.target.elements.q.value, { now: true });
  };
  return html`<form class="search" role="search" @submit=${sent}>
    <label class="unseen" for="q">Search the shop</label>
    ${icon("search")}
    <input
      id="q"
      name="q"
      type="search"
      placeholder="Search the shop"
      maxlength="200"
      autocomplete="off"
      enterkeyhint="search"
      .value=${live(shop.sought)}
      @input=${typed}
      @search=${typed}
    />
  </form>`;
}

function ways(shop, customer) {
  const { pieces } = shop.cart;
  return html`<nav class="ways" aria-label="Yours">
    <a href="#/orders">${icon("orders")}<span class="word">Orders</span></a>
    <a href="#/cart">
      ${icon("cart")}<span class="word">Cart</span>
      ${
        pieces
          ? html`<span class="badge" aria-hidden="true"
                >${pieces > MOST_SHOWN ? `${MOST_SHOWN}+` : pieces}</span
              >
              <span class="unseen">, ${count(pieces, "piece")}</span>`
          : nothing
      }
    </a>
    <button type="button" class="plain" title="Signed in as ${customer.name}" @click=${() => shop.signOut()}>
      ${icon("out")}<span class="word">Sign out</span>
    </button>
  </nav>`;
}

function skip(event) {
  // The fragment says which page is shown.
  event.preventDefault();
  document.querySelector("main").focus();
}
