/** The shop's public API, as a customer may use it. */

import { answered, Away, Refused, SignedOut } from "./errors.js";

// Nobody answered, or somebody in between: the same may be asked again.
const BUSY = new Set([429, 500, 502, 503, 504]);

export class Api {
  #session;

  constructor(session) {
    this.#session = session;
  }

  /** What is at a path, with these query parameters; those that are empty are left out. */
  get(path, query = {}, signal = undefined) {
    const given = Object.entries(query).filter(([, value]) => value);
    return this.#ask("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path, { signal });
  }

  /**
   * What the shop answers to a body. The same may be sent again: docs/decisions/0033 for orders and payments.
   */
  post(path, body = {}, headers = {}) {
    const sent = { ...headers, "Content-Type": "application/json" };
    return this.#ask("POST", path, { body: JSON.stringify(body), headers: sent });
  }

  async #ask(method, path, request) {
    const token = this.#session.token;
    const answer = await this.#send(method, path, request, token);
    if (answer.status !== 401) return read(answer);
    await this.#session.renew(token);
    const again = await this.#send(method, path, request, this.#session.token);
    if (again.status !== 401) return read(again);
    this.#session.end();
    throw new SignedOut();
  }

  #send(method, path, { headers = {}, ...request }, token) {
    const sent = { ...headers, Authorization: `Bearer ${token}` };
    return answered(fetch(path, { method, headers: sent, ...request }));
  }
}

/** The body of an answer. Raises `Away`, and `Refused` with the sentence of a problem document. */
async function read(answer) {
  const body = await answered(answer.json().catch(unlessAborted));
  if (answer.ok) return body;
  if (BUSY.has(answer.status)) {
    throw new Away(body.detail ?? "The shop is busy.", Number(answer.headers.get("Retry-After")) || 0);
  }
  throw new Refused(sentence(answer, body), { status: answer.status, code: body.code, body });
}

/** What the problem says, and what it says of single fields. */
function sentence(answer, body) {
  const fields = (body.errors ?? []).map(({ field, detail }) => `${field} ${detail}`);
  const said = body.detail ?? body.message ?? `The shop refused this (${answer.status}).`;
  return fields.length ? `${said} (${fields.join("; ")})` : said;
}

function unlessAborted(error) {
  if (error.name === "AbortError") throw error;
  return {};
}
