"""What can go wrong, in the shop's words. `common.web.problems` says which HTTP answer each becomes.

The message of each is a whole sentence that may be shown to whoever asked: it says what to do, and it
names no address, no secret and no code.
"""

from attrs import frozen


class ShopError(Exception):
    """The root of every error that a use case or an adapter raises on purpose."""


class Invalid(ShopError):
    """What was sent breaks a rule. `errors` has a (field path, sentence) for each broken field."""

    def __init__(self, message: str, errors: "tuple[FieldError, ...]" = ()) -> None:
        super().__init__(message)
        self.errors = errors


@frozen
class FieldError:
    """One field of a request that breaks a rule: where it stands, and what it must be."""

    field: str
    detail: str


class NotFound(ShopError):
    """There is no such thing, or it is not the asker's: which of the two is not told."""


class Conflict(ShopError):
    """The thing is there, but its state does not allow what was asked. `code` names the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OutOfStock(Conflict):
    """Fewer pieces are left than were asked for. `products` names those that fall short."""

    def __init__(self, products: "tuple[str, ...]") -> None:
        super().__init__("out_of_stock", "There are not enough pieces left of: " + ", ".join(products) + ".")
        self.products = products


class Unauthenticated(ShopError):
    """The caller's identity is missing, or could not be verified."""


class Forbidden(ShopError):
    """The caller is known, and may not do this."""


class Unavailable(ShopError):
    """A store or a service does not answer now. It may have done its work: the same may be asked again."""


class Refused(ShopError):
    """A service gave a final no: the same call will never work. `reason` is its own word for it."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
