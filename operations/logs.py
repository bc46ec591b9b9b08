"""What the functions of the shop wrote to their logs about one order."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Parameter
from rich.table import Table

from operations.errors import Status
from operations.ids import made_at, order_id
from operations.place import HERE, Place, functions
from operations.say import Json, as_json, console, details, plural, say

# Logs are searched from when the order was placed: most is said by then.
DAYS = 3
_LEVELS = {"ERROR": "red", "CRITICAL": "red", "WARNING": "yellow"}


@frozen
class Line:
    """One line of a function's log. `text` is what it says for people, `fields` all of it."""

    at: datetime
    service: str
    function: str
    level: str
    text: str
    fields: Mapping[str, Any]


def logs(
    *,
    order: str,
    days: Annotated[float, Parameter(help="How long after it was placed.")] = DAYS,
    json: Json = False,
    place: Place = HERE,
) -> Status:
    """Show what the functions of all services wrote about one order.

    Parameters
    ----------
    order
        The id of the order.
    """
    begin = made_at(order_id(order))
    every = [(service, name) for service, names in functions().items() for name in names]
    lines = find_lines(place, every, order, begin, begin + timedelta(days=days))
    if json:
        as_json([line.fields for line in lines])
        return Status.WELL
    drawn = Table.grid(padding=(0, 1))
    for line in lines:
        color = _LEVELS.get(line.level, "dim")
        drawn.add_row(
            f"[dim]{line.at:%m-%d %H:%M:%S}.{line.at.microsecond // 1000:03}[/]",
            f"{line.service}/{line.function}",
            f"[{color}]{line.level}[/]",
            details(line.text),
        )
    console.print(drawn)
    say(f"[dim]{plural(len(lines), 'line')} in {days:g} days[/]")
    return Status.WELL


def find_lines(
    place: Place, among: Iterable[tuple[str, str]], text: str, begin: datetime, end: datetime
) -> list[Line]:
    """The lines of these functions, of (service, function), that have the text; oldest first."""
    client = place.aws("logs")

    def search(named: tuple[str, str]) -> list[Line]:
        return list(_of_function(client, place, *named, text, begin, end))

    with ThreadPoolExecutor(4) as pool:
        found = [line for lines in pool.map(search, among) for line in lines]
    return sorted(found, key=lambda line: line.at)


def _of_function(
    client: Any, place: Place, service: str, name: str, text: str, begin: datetime, end: datetime
) -> Iterator[Line]:
    # Clocks of containers differ a little: a minute before is looked at, too.
    times = {
        "startTime": int((begin - timedelta(minutes=1)).timestamp() * 1000),
        "endTime": int(end.timestamp() * 1000),
    }
    group = f"/aws/lambda/{place.function(service, name)}"
    pages = client.get_paginator("filter_log_events")
    try:
        for page in pages.paginate(logGroupName=group, filterPattern=f'"{text}"', **times):
            for event in page["events"]:
                # LocalStack takes no notice of the pattern.
                if text in event["message"]:
                    yield read_line(service, name, event["timestamp"], event["message"])
    except client.exceptions.ResourceNotFoundException:
        # A function that never ran has no log.
        return


def read_line(service: str, name: str, milliseconds: int, message: str) -> Line:
    """A line as CloudWatch has it. What is not the shop's JSON, such as Lambda's words, stays as it is."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    try:
        fields = json.loads(message)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        fields = {"message": message.strip()}
    said = str(fields.get("message", ""))
    if told := [str(fields[name]) for name in ("status", "cause") if name in fields]:
        said += f": {', '.join(told)}"
    if "milliseconds" in fields:
        said += f" in {fields['milliseconds']} ms"
    if "exception" in fields:
        said += f": {last_line(str(fields['exception']))}"
    level = str(fields.get("level", ""))
    return Line(
        at,
        service,
        str(fields.get("handler", name)),
        level,
        said,
        {"at": at, "function": f"{service}/{name}", **fields},
    )


def last_line(exception: str) -> str:
    """What an exception said, without the way that it took."""
    return exception.strip().rpartition("\n")[2]
