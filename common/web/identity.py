"""Who is asking: the token of a request, verified by the app itself, whatever the gateway did before.

`chalice local` lets every token in without looking at its signature; an app that trusted the claims it
is handed would be open there, and on the day somebody forgets an authorizer.
"""

from chalice.app import Request

from common.domain.customer import Customer
from common.errors import Forbidden, Unauthenticated
from common.ports.identity import Tokens


def signed_in(request: Request, tokens: Tokens) -> Customer:
    """The customer who sent the request. Raises `Unauthenticated`."""
    scheme, _, token = request.headers.get("authorization", "").strip().rpartition(" ")
    if not token or scheme.lower() not in ("", "bearer"):
        raise Unauthenticated("Sign in, and send your id token in the Authorization header.")
    return tokens.verify(token)


def operator(request: Request, tokens: Tokens) -> Customer:
    """The operator who sent the request. Raises `Unauthenticated`, and `Forbidden` for anybody else."""
    person = signed_in(request, tokens)
    if not person.is_operator:
        raise Forbidden("Only operators of the shop may do this.")
    return person
