"""One order's story, and the orders that are stuck."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from botocore.exceptions import ClientError
from cyclopts import Parameter
from rich.table import Table

from common.codec import read
from common.domain.order import Order, OrderStatus
from common.ports.orders import OrderRecord, StuckOrder
from common.ports.payments import PaymentRecord
from common.ports.stock import ReservationRecord
from local.services import CONSUMERS
from operations import ids
from operations.dead_letters import letters
from operations.errors import OperationError, Status
from operations.logs import DAYS, find_lines
from operations.place import HERE, Place
from operations.say import Json, as_json, console, details, moment, plural, price, say, span, table
from operations.story import Mark, Story, order_keys

COLORS = {
    "order": "cyan",
    "inventory": "magenta",
    "payment": "green",
    "invoice": "blue",
    "notification": "yellow",
    "product": "white",
}


def show(order: str, *, json: Json = False, place: Place = HERE) -> Status:
    """Tell the whole story of an order, as all services know it.

    Its states, stock, payments, messages, invoice and mail, each with its time (UTC) and how long after the
    one before; then what it waits for, or what went wrong.

    Parameters
    ----------
    order
        The id of the order.
    """
    story = find_story(place, ids.order_id(order))
    now = datetime.now(UTC)
    if json:
        as_json(
            {
                "order": story.order,
                "payments": list(story.payments),
                "reservation": story.reservation,
                "moments": story.moments(),
                "open": story.open_ends(now),
            }
        )
        return Status.WELL
    _draw(story, now)
    return Status.WELL


def find_story(place: Place, order_id: UUID) -> Story:
    """Asks all services at once. Raises `OperationError` where there is no such order."""
    order = read(place.call("order", "get_order", order_id=order_id), Order | None)  # type: ignore[arg-type]
    if order is None:
        raise OperationError(f"{place.name.capitalize()} knows no order {order_id}.")
    only = {"first": order_id, "last": order_id, "limit": 1}
    listeners = [*((service, "on_payment") for service in CONSUMERS), ("notification", "on_invoice")]
    end = order.placed_at + timedelta(days=DAYS)
    with ThreadPoolExecutor(8) as pool:
        record = pool.submit(place.call, "order", "audit_orders", **only)
        payments = pool.submit(place.call, "payment", "audit_payments", **only)
        held = pool.submit(place.call, "inventory", "audit_reservations", **only)
        lines = pool.submit(find_lines, place, listeners, str(order_id), order.placed_at, end)
        dead = pool.submit(letters, place)
        files = {key: pool.submit(_written_at, place, key) for key in order_keys(order_id)}
    records = read(record.result(), list[OrderRecord])
    return Story(
        records[0].order if records else order,
        records[0].stock_returned_at if records else None,
        next(iter(read(held.result(), list[ReservationRecord])), None),
        read(payments.result(), list[PaymentRecord]),
        {key: at for key, look in files.items() if (at := look.result())},
        lines.result(),
        [letter for letter in dead.result() if letter.order_id == str(order_id)],
    )


def _written_at(place: Place, key: str) -> datetime | None:
    try:
        found: datetime = place.aws("s3").head_object(Bucket=place.bucket, Key=key)["LastModified"]
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return found


def _draw(story: Story, now: datetime) -> None:
    order = story.order
    reason = f" ({order.reason})" if order.reason else ""
    color = "red" if order.status is OrderStatus.CANCELED else "green"
    say(f"[bold]Order {order.order_id}[/]  [{color}]{order.status}{reason}[/]")
    say(f"{details(order.customer_name)} <{details(order.email)}>, placed {moment(order.placed_at)} UTC")
    for line in order.lines:
        say(f"  {line.quantity} × {details(line.name)} [dim]{line.product_id}[/]  {price(line.total)}")
    say(f"  [bold]{price(order.total)}[/]\n")
    drawn = Table.grid(padding=(0, 1))
    before: datetime | None = None
    moments = story.moments()
    for number, one in enumerate(moments):
        is_new_day = before is None or one.at.date() != before.date()
        clock = f"{one.at:%H:%M:%S}.{one.at.microsecond // 1000:03}"
        if is_new_day:
            drawn.add_row(f"[dim]{one.at:%Y-%m-%d}[/]")
        waited = f"+{span(max(0, (one.at - before).total_seconds()))}" if before else ""
        branch = "└" if number == len(moments) - 1 else "├"
        color = COLORS.get(one.service, "white")
        bullet = "[red]✗[/]" if one.mark is Mark.BAD else f"[{color}]●[/]"
        drawn.add_row(
            f"  {clock}",
            f"[dim]{waited:>12}[/]",
            f"{branch}{bullet}",
            f"[{color}]{one.service}[/]",
            details(one.what) if one.mark is Mark.WELL else f"[red]{details(one.what)}[/]",
        )
        before = one.at
    console.print(drawn)
    say()
    for sentence in story.open_ends(now):
        say(f"→ {details(sentence)}")


def stuck(
    *,
    minutes: Annotated[int, Parameter(help="How late a schedule may be before somebody should look.")] = 5,
    json: Json = False,
    place: Place = HERE,
) -> Status:
    """List orders that a schedule should have finished, and did not.

    Ends with 3 where there are any.
    """
    found = read(place.call("order", "find_stuck", minutes=minutes), list[StuckOrder])
    if json:
        as_json(found)
    elif not found:
        say("No order is stuck.")
    else:
        now = datetime.now(UTC)
        table(
            ["order", "status", "due since>", "who should have done it"],
            [
                [
                    str(one.order_id),
                    one.status,
                    span((now - one.since).total_seconds()),
                    f"order/{one.schedule}",
                ]
                for one in found
            ],
        )
        say(f"{plural(len(found), 'order')} stuck. What their functions say: shop logs --order ID.")
    return Status.FOUND if found else Status.WELL
