/** Where a customer signs in: in the place of the page that was asked for, so that it is there afterwards. */

import { Away, Refused } from "../errors.js";
import { html, nothing } from "../library.js";

const CHALLENGES = {
  NEW_PASSWORD_REQUIRED: {
    heading: "Choose a new password",
    text: `The one that you were given was for the first time only. Twelve characters at least, with small and
      capital letters and a digit.`,
    label: "New password",
    type: "password",
    autocomplete: "new-password",
  },
  SOFTWARE_TOKEN_MFA: {
    heading: "One more step",
    text: "Your account asks for the code that your authenticator app shows now.",
    label: "Code",
    type: "text",
    autocomplete: "one-time-code",
  },
};

export class SignIn {
  title = "Sign in";

  #shop;
  #isBusy = false;
  #trouble = "";
  #isShown = false;
  #challenge = null;

  constructor(shop) {
    this.#shop = shop;
  }

  view() {
    return html`<section class="narrow sign-in">
      ${this.#challenge ? this.#asked(this.#challenge) : this.#first()}
    </section>`;
  }

  #first() {
    const { session, config } = this.#shop;
    const sent = (event) => {
      event.preventDefault();
      const { name, password } = event.target.elements;
      this.#go(() => this.#shop.pool.signIn(name.value.trim(), password.value));
    };
    return html`
      <h1>${session.isOver ? "Sign in again" : "Sign in"}</h1>
      <p class="soft">
        ${
          session.isOver
            ? "Your session is over. Sign in, and go on where you were."
            : "Sign in to look around, order, and see how your orders stand."
        }
      </p>
      <form @submit=${sent}>
        <p class="field">
          <label for="name">User name or mail address</label>
          <input
            id="name"
            name="name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            aria-describedby="trouble"
          />
        </p>
        <p class="field">
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type=${this.#isShown ? "text" : "password"}
            required
            autocomplete="current-password"
            aria-describedby="trouble"
          />
          <label class="check">
            <input
              type="checkbox"
              .checked=${this.#isShown}
              @change=${(event) => this.#reveal(event.target.checked)}
            />
            Show the password
          </label>
        </p>
        ${this.#end("Sign in")}
      </form>
      ${config.note ? html`<p class="soft">${config.note}</p>` : nothing}
    `;
  }

  #asked({ challenge, answer }) {
    const { heading, text, label, type, autocomplete } = CHALLENGES[challenge];
    const sent = (event) => {
      event.preventDefault();
      this.#go(() => answer(event.target.elements.answer.value));
    };
    return html`
      <h1>${heading}</h1>
      <p class="soft">${text}</p>
      <form @submit=${sent}>
        <p class="field">
          <label for="answer">${label}</label>
          <input
            id="answer"
            name="answer"
            type=${type}
            autocomplete=${autocomplete}
            required
            autofocus
            aria-describedby="trouble"
          />
        </p>
        ${this.#end("Go on")}
      </form>
    `;
  }

  #end(text) {
    return html`<p id="trouble" role="alert" class=${this.#trouble ? "notice bad" : "unseen"}>
        ${this.#trouble}
      </p>
      <button class="main wide" aria-disabled=${this.#isBusy}>
        ${this.#isBusy ? "One moment…" : text}
      </button>`;
  }

  #reveal(isShown) {
    this.#isShown = isShown;
    this.#shop.changed();
  }

  async #go(ask) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#trouble = "";
    this.#shop.changed();
    try {
      const { tokens, ...challenge } = await ask();
      this.#challenge = tokens ? null : challenge;
      if (tokens) this.#shop.session.begin(tokens);
    } catch (error) {
      if (error instanceof Away) this.#trouble = `${error.message} Please try again.`;
      else if (error instanceof Refused) this.#trouble = error.message;
      else throw error;
    } finally {
      this.#isBusy = false;
      this.#shop.changed();
    }
  }
}
