"""What can go wrong, in the shop's words. `common.web.problems` says which HTTP answer each becomes.

The message of each is a whole sentence that may be shown to whoever asked: it says what to do, and it
names no address, no secret and no code.
"""

from common.kinds import value


class ShopError(Exception):
    """The root of every error that a use case or an adapter raises on purpose."""


class Invalid(ShopError):
    """What was sent breaks a rule.

    `errors` names each field that does, where it stands, as in `lines[0].quantity`, and what it must be. Mend
    those, and send it again.
    """

    errors: "tuple[FieldError, ...]"

    def __init__(self, message: str, errors: "tuple[FieldError, ...]" = ()) -> None:
        super().__init__(message)
        self.errors = errors


@value
class FieldError:
    """One field of a request that breaks a rule."""

    field: str
    """Where it stands. Empty for what was sent as a whole."""
    detail: str
    """What it must be."""


class NotFound(ShopError):
    """There is no such thing, or it is not the asker's: which of the two is not told.

    Look at the address, and at who is signed in.
    """


class Conflict(ShopError):
    """The thing is there, but its state does not allow what was asked. `code` names the reason."""

    code: str


class OutOfStock(Conflict):
    """Fewer pieces are left than were asked for.

    `products` names those that fall short; none was taken. Order fewer of them, or without them, under a new
    Idempotency-Key.
    """

    code = "out_of_stock"
    products: tuple[str, ...]

    def __init__(self, products: tuple[str, ...]) -> None:
        super().__init__("There are not enough pieces left of: " + ", ".join(products) + ".")
        self.products = products


class KeyReused(Conflict):
    """The Idempotency-Key was used for another order.

    The same key with the same order gives that order again. Make a new key for each new order.
    """

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another order. Send a new key for a new order.")


class NotCancelable(Conflict):
    """The order is in a state in which its customer cannot cancel it (any more).

    Only an order that awaits its payment can be canceled. One that is still being placed can be in a moment.
    """

    code = "not_cancelable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}: it cannot be canceled now.")


class NotDeliverable(Conflict):
    """The order is not on its way: it is unpaid, or canceled.

    Only an order whose payment was accepted can be marked as delivered.
    """

    code = "not_deliverable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}: it cannot be delivered now.")


class NotPayable(Conflict):
    """The order does not await a payment (any more): it is paid, canceled, or its time to pay is over.

    Look at the order: its `status`, and `reason` if it was canceled. For what was canceled, place a new one.
    """

    code = "not_payable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}: it cannot be paid now.")


class Unauthenticated(ShopError):
    """The caller's identity is missing, or could not be verified.

    Sign in to the user pool, and send its id token in the Authorization header.
    """


class Forbidden(ShopError):
    """The caller is known, and may not do this.

    Some things are for operators of the shop, who are in the group `operators` of the user pool.
    """


class Unavailable(ShopError):
    """A store or a service does not answer now. It may have done its work.

    Ask the same again, after the seconds that Retry-After names, with the same Idempotency-Key if there was
    one: nothing is done twice.
    """


class Refused(ShopError):
    """A service that the shop relies on gave a final no: the same request will never work."""

    reason: str
    """That service's own word for it, for the log."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class SignatureRefused(Refused):
    """A webhook is not signed by the provider, or not lately.

    Sign the raw body with the secret of the shop's webhook endpoint, at the time of sending.
    """
