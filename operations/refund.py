"""Money that goes back to a customer."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from common.codec import read
from common.domain.order import Order
from common.domain.payment import Payment, PaymentStatus
from common.ports.payments import PaymentRecord
from operations import ids
from operations.errors import OperationError, Status
from operations.place import HERE, Place
from operations.say import Yes, confirm, details, price, say


def refund(
    order: str,
    *,
    payment: Annotated[str | None, Parameter(help="Which payment, where several were taken.")] = None,
    yes: Yes = False,
    place: Place = HERE,
) -> Status:
    """Give the whole payment of an order back to its customer.

    The order stays as it is: one that is on its way goes on, and keeps its invoice.

    Parameters
    ----------
    order
        The id of the order.
    """
    order_id = ids.order_id(order)
    only = {"first": order_id, "last": order_id, "limit": 1}
    records = read(place.call("payment", "audit_payments", **only), list[PaymentRecord])
    chosen = choose([record.payment for record in records], payment)
    known = read(place.call("order", "get_order", order_id=order_id), Order | None)  # type: ignore[arg-type]
    if known is not None and known.payment_id == chosen.payment_id:
        about = f"The order accepted it, and stays {known.status}: stop the parcel yourself."
    else:
        about = "No order accepted it."
    confirm(f"In {place.name}, {price(chosen.amount)} of {details(chosen.payment_id)} go back. {about}", yes)
    place.call("payment", "request_refund", payment_id=chosen.payment_id)
    say("It is to be given back: send_refunds does it within a minute, and shop order show tells when.")
    return Status.WELL


def choose(payments: Sequence[Payment], wanted: str | None) -> Payment:
    """The one payment that can be given back. Raises `OperationError` where there is not exactly one."""
    if wanted is not None:
        payments = [payment for payment in payments if payment.payment_id == wanted]
    taken = [payment for payment in payments if payment.status is PaymentStatus.SUCCEEDED]
    states = ", ".join(f"{payment.payment_id} is {payment.status}" for payment in payments)
    if not taken:
        raise OperationError(f"There is nothing to give back: {states or 'there is no such payment'}.")
    if len(taken) > 1:
        raise OperationError(f"Several payments were taken: {states}. Name one with --payment.")
    return taken[0]
