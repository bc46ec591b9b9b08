"""Cognito's id tokens, verified against the pool's public keys."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from common.domain.customer import Customer
from common.errors import Unauthenticated, Unavailable
from common.kinds import service
from common.ports.clock import Clock

if TYPE_CHECKING:
    from jwt import PyJWKClient

_REFUSED = "Your sign-in is not valid, or no longer. Sign in again."


@service
class CognitoTokens:
    """`Tokens` of one user pool and one client of it.

    The pool's keys are fetched once a container, and again when a token names a key that is not among
    them: pools rotate their keys. The rules are those of "Verifying JSON web tokens" in Amazon
    Cognito's developer guide.
    """

    issuer: str
    audience: str
    keys_url: str
    clock: Clock

    def verify(self, token: str) -> Customer:
        import jwt

        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self.issuer,
                audience=self.audience,
                # The times are checked below, against the shop's clock.
                options={
                    "require": ["sub", "exp", "iat"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable("Sign-ins cannot be verified at the moment. Please try again.") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated(_REFUSED) from error
        self._check_times(claims)
        if claims.get("token_use") != "id" or not isinstance(claims["sub"], str) or not claims["sub"]:
            raise Unauthenticated(_REFUSED)
        if claims.get("email_verified") not in (True, "true") or not isinstance(claims.get("email"), str):
            raise Unauthenticated("Confirm your mail address first, then sign in again.")
        name = claims.get("name", "")
        if not isinstance(name, str):
            raise Unauthenticated(_REFUSED)
        return Customer(claims["sub"], claims["email"], name, _groups(claims.get("cognito:groups", [])))

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self.clock.now().timestamp()
        times = [claims["iat"], claims["exp"], claims.get("nbf", claims["iat"])]
        if not all(type(time) in (int, float) for time in times):
            raise Unauthenticated(_REFUSED)
        issued, expires, begins = times
        # Clocks of two machines differ a little; Cognito's and ours by less than this.
        if not (issued - 60 <= now and begins - 60 <= now < expires):
            raise Unauthenticated(_REFUSED)

    @cached_property
    def _keys(self) -> "PyJWKClient":
        from jwt import PyJWKClient

        return PyJWKClient(self.keys_url, cache_keys=True, lifespan=3600, timeout=5)


def _groups(claim: object) -> frozenset[str]:
    """The groups, which come as a list, or as one text in which brackets, commas or spaces part them."""
    names = claim if isinstance(claim, list) else str(claim).strip("[]").replace(",", " ").split()
    return frozenset(str(name) for name in names)
