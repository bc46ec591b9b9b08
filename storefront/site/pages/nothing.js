/** The page of an address that leads nowhere. */

import { html } from "../library.js";
import { emptiness } from "../parts.js";

export class Nothing {
  title = "Nothing here";

  view() {
    return html`<h1>${this.title}</h1>
      ${emptiness("This leads nowhere", "The address may be mistyped, or old.", "#/", "To the shop")}`;
  }
}
