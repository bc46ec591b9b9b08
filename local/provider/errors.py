"""Errors as Stripe's API tells them."""


class StripeError(Exception):
    """An error answer: its HTTP status, and what stands under `error` in the body.

    `executed` tells whether the request was sound and only its execution failed: such an answer is kept
    for the idempotency key, as Stripe keeps it; one to a request that fails validation is not.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        self.body: dict[str, object] = {
            "error": {
                "message": message,
                "type": kind,
                **({"code": code} if code else {}),
                **({"param": param} if param else {}),
            }
        }
