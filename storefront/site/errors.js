/** What can go wrong between the page and those it asks. The message of each may be shown to the customer. */

/** A final no, in the words of whoever gave it. `code` and `body` say more, for the page to act on. */
export class Refused extends Error {
  constructor(message, { status = 0, code = "", body = {} } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** Nobody answered, or said to come again: what was asked may be done or not. `seconds` is the least wait. */
export class Away extends Error {
  constructor(message, seconds = 0) {
    super(message);
    this.seconds = seconds;
  }
}

/** The session is over: the customer has to sign in again. */
export class SignedOut extends Error {}

/**
 * The answer to a request, or `Away` where there is none. A request that was given up raises as fetch does.
 */
export async function answered(asking) {
  try {
    return await asking;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Away(navigator.onLine ? "The shop does not answer." : "You are offline.");
  }
}
