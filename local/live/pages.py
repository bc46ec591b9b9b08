"""/live of the gateway: one page that asks again and again what has happened since."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from common.errors import NotFound
from local import pages
from local.live.record import Record
from local.live.story import orders, story
from local.services import CONSUMERS

SITE = Path(__file__).parent / "site"
NEWEST = 25

# Its script and its style are files of this machine, and so is all that they ask for.
HEADERS = pages.HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


@frozen
class Queue:
    """How many messages wait in a queue, are being worked on, and have failed five times."""

    name: str
    waiting: int
    in_flight: int
    dead: int


def queues(sqs: Any) -> list[Queue]:
    """The consumers' queues; `sqs` is boto3's client."""
    return [_queue(sqs, f"{service}-payments") for service in CONSUMERS]


def _queue(sqs: Any, name: str) -> Queue:
    waiting, in_flight = _counts(sqs, name)
    dead, _ = _counts(sqs, f"{name}-dead-letters")
    return Queue(name, waiting, in_flight, dead)


def _counts(sqs: Any, name: str) -> tuple[int, int]:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def routes(record: Record, look: Callable[[], Sequence[Queue]]) -> list[Route]:
    """The page, its files, and what it asks for; `look` tells how full the queues are."""

    def page(request: Request) -> Response:
        return FileResponse(SITE / "live.html", headers=HEADERS)

    def part(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ("live.css", "live.js"):
            raise NotFound("There is nothing at this address.")
        return FileResponse(SITE / name, headers=HEADERS)

    def listed(_: Request) -> Response:
        newest = list(orders(record.all()).items())[:NEWEST]
        told = [story(order_id, happened) for order_id, happened in newest]
        shown = [{"order_id": one.order_id, "status": one.status, "began": one.began} for one in told]
        return JSONResponse(shown, headers=HEADERS)

    def one(request: Request) -> Response:
        order_id = request.path_params["order_id"]
        happened = orders(record.all()).get(order_id)
        if happened is None:
            raise NotFound("Nothing has happened for such an order, or it was long ago.")
        return JSONResponse(asdict(story(order_id, happened)), headers=HEADERS)

    def filled(_: Request) -> Response:
        return JSONResponse([asdict(queue) for queue in look()], headers=HEADERS)

    return [
        Route("/live", page),
        Route("/live/orders", listed),
        Route("/live/orders/{order_id}", one),
        Route("/live/queues", filled),
        Route("/live/{name}", part),
    ]
