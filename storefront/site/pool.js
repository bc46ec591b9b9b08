/** The user pool (Amazon Cognito): signs customers in, keeps them signed in, and signs them out. */

import { answered, Away, Refused } from "./errors.js";
import { begin, prove } from "./srp.js";

// What the answer to a challenge is called.
const ANSWERS = {
  NEW_PASSWORD_REQUIRED: "NEW_PASSWORD",
  SOFTWARE_TOKEN_MFA: "SOFTWARE_TOKEN_MFA_CODE",
};

export class Pool {
  #config;

  /** `config` has `user_pool_id`, `client_id` and `pool_endpoint`. */
  constructor(config) {
    this.#config = config;
  }

  /**
   * Signs somebody in by name or mail address, without sending the password.
   *
   * Gives `{tokens}`, or `{challenge, answer}` where the pool asks for more: NEW_PASSWORD_REQUIRED, or
   * SOFTWARE_TOKEN_MFA (the code of an app). `answer(text)` goes on, and gives the same again.
   */
  async signIn(name, password) {
    const begun = begin();
    const asked = await this.#ask("InitiateAuth", {
      AuthFlow: "USER_SRP_AUTH",
      ClientId: this.#config.client_id,
      AuthParameters: { USERNAME: name, SRP_A: begun.shared },
    });
    const proof = await prove({
      pool: this.#config.user_pool_id,
      password,
      begun,
      parameters: asked.ChallengeParameters,
    });
    return this.#respond("PASSWORD_VERIFIER", asked.Session, proof);
  }

  /** New tokens for a refresh token: `{id, refresh}`. */
  async refresh(token) {
    const { AuthenticationResult: result } = await this.#ask("InitiateAuth", {
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: this.#config.client_id,
      AuthParameters: { REFRESH_TOKEN: token },
    });
    return { id: result.IdToken, refresh: token };
  }

  /** Ends the session that a refresh token stands for. */
  async revoke(token) {
    await this.#ask("RevokeToken", { ClientId: this.#config.client_id, Token: token });
  }

  async #respond(challenge, session, responses) {
    const answer = await this.#ask("RespondToAuthChallenge", {
      ChallengeName: challenge,
      ClientId: this.#config.client_id,
      Session: session,
      ChallengeResponses: responses,
    });
    if (answer.AuthenticationResult) {
      const { IdToken, RefreshToken } = answer.AuthenticationResult;
      return { tokens: { id: IdToken, refresh: RefreshToken } };
    }
    const next = answer.ChallengeName;
    const field = ANSWERS[next];
    if (!field) throw new Refused(`This shop cannot do what the sign-in asks for now (${next}).`);
    const name = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? responses.USERNAME;
    return {
      challenge: next,
      answer: (text) => this.#respond(next, answer.Session, { USERNAME: name, [field]: text }),
    };
  }

  async #ask(action, body) {
    const answer = await answered(
      fetch(this.#config.pool_endpoint, {
        method: "POST",
        headers: {
          "Content-Type": "application/x-amz-json-1.1",
          "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
        },
        body: JSON.stringify(body),
        cache: "no-store",
      }),
    );
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    const code = String(said.__type ?? "")
      .split("#")
      .pop();
    const message = said.message ?? said.detail;
    if (answer.status >= 500 || code === "TooManyRequestsException") {
      throw new Away(message ?? "Signing in is not possible at the moment.");
    }
    throw new Refused(message ?? `Signing in was refused (${answer.status}).`, {
      status: answer.status,
      code,
    });
  }
}
