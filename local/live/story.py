"""One order's story, out of all that happened: the twenty steps, the calls behind them, and what was said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from local.live.record import Happening
from local.services import CONSUMERS


@frozen
class Step:
    """One of the steps, as the documents number them. `at` and `milliseconds` are None until it was taken."""

    number: str
    who: str
    title: str
    at: float | None = None
    milliseconds: float | None = None
    detail: str = ""


@frozen
class Call:
    """One call of a function. `depth` is how many others wait for it; `trace` names what belongs together."""

    at: float
    milliseconds: float
    function: str
    cause: str
    depth: int
    trace: str
    failed: bool


@frozen
class Told:
    """One thing that happened, in a sentence."""

    at: float
    kind: str
    text: str


@frozen
class Story:
    """All that is known of an order. `status` is the state that it came to last."""

    order_id: str
    correlation_id: str
    status: str
    began: float
    steps: tuple[Step, ...]
    calls: tuple[Call, ...]
    told: tuple[Told, ...]


def orders(happened: Iterable[Happening]) -> dict[str, list[Happening]]:
    """What happened for each order, in time's order; the order that was placed last comes first.

    A call that names no order, such as one of the catalog, belongs to the one that its trace is about.
    """
    known = list(happened)
    found: dict[str, list[Happening]] = {}
    of_trace: dict[str, set[str]] = {}
    for happening in known:
        for order_id in dict.fromkeys(_orders_of(happening)):
            found.setdefault(order_id, []).append(happening)
            of_trace.setdefault(happening.get("trace", ""), set()).add(order_id)
    for happening in known:
        about = of_trace.get(happening.get("trace", ""), set())
        if happening["kind"] == "call" and len(about) == 1 and not _orders_of(happening):
            found[next(iter(about))].append(happening)
    placed = {order_id: sorted(of_one, key=_at) for order_id, of_one in found.items()}
    return dict(sorted(placed.items(), key=lambda pair: _at(pair[1][0]), reverse=True))


def story(order_id: str, happened: Sequence[Happening]) -> Story:
    """The story of an order, of what `orders` has of it."""
    calls = [happening for happening in happened if happening["kind"] == "call"]
    lines = [line for call in calls for line in call["lines"] if line.get("order_id") == order_id]
    states = [line for line in lines if line.get("message") == "An order came to a new state"]
    states.sort(key=_time_of)
    return Story(
        order_id,
        next((str(line["correlation_id"]) for line in lines if line.get("handler") == "place_order"), ""),
        str(states[-1]["status"]) if states else "",
        _at(happened[0]),
        tuple(_Steps(happened, calls, lines, states).all()),
        tuple(_calls(calls)),
        tuple(sorted((told for one in happened for told in tell(one, order_id)), key=lambda told: told.at)),
    )


def tell(happening: Happening, order_id: str = "") -> Iterator[Told]:
    """What happened, in sentences; of a call that was about several orders only what concerns this one."""
    at, name = _at(happening), str(happening.get("name", ""))
    match happening["kind"]:
        case "call":
            kind, ended = ("failed", "failed") if happening["failed"] else ("call", "ran")
            cause, took = happening["cause"], happening["milliseconds"]
            yield Told(at, kind, f"{name} {ended}, {took:.0f} ms ({cause})")
            for line in happening["lines"]:
                if line.get("order_id") and order_id in ("", line["order_id"]):
                    yield from _told_of_line(line)
        case "published":
            yield Told(at, "message", f"published on {name}")
        case "queued":
            yield Told(at, "message", f"waits in {name}")
        case "stored":
            yield Told(at, "object", f"stored {name}")
        case "mailed":
            yield Told(at, "mail", "mailed to the customer")


def _told_of_line(line: Mapping[str, Any]) -> Iterator[Told]:
    message = str(line.get("message"))
    if message == "An order came to a new state":
        yield Told(_time_of(line), "state", f"the order is {line['status']}: {line['cause']}")
    elif message == "A payment was saved":
        yield Told(_time_of(line), "state", f"the payment is {line['status']}")
    elif line.get("level") in ("WARNING", "ERROR"):
        yield Told(_time_of(line), "failed", message)


@frozen
class _Steps:
    """Finds of each step when it was taken."""

    happened: Sequence[Happening]
    calls: Sequence[Happening]
    lines: Sequence[Mapping[str, Any]]
    states: Sequence[Mapping[str, Any]]

    def all(self) -> Iterator[Step]:
        placed, took = self._call("order", "place_order"), self._call("inventory", "reserve_stock")
        yield self._step("1", "Cognito", "the customer signs in", placed["signed_in_at"] if placed else None)
        yield self._step("2", "API Gateway", "POST /orders, with the token", _begin(placed))
        yield self._step("3", "API Gateway", "verifies the token", _begin(placed))
        yield self._step("4", "order", "the function starts", _begin(placed))
        yield self._state("5", "order", "saves the order", "reserving")
        yield self._step("6", "order", "asks the inventory for the stock", _begin(took))
        yield self._step("7", "inventory", "takes it, in Postgres", _end(took), took)
        yield self._step("8", "inventory", "answers", _end(took))
        settled = self._entered("awaiting_payment") or self._entered("canceled", "there was too little stock")
        yield self._step("9", "order", "notes the answer", settled, detail=self._why(settled))
        yield self._step("10", "API Gateway", "the answer reaches the customer", _end(placed), placed)
        told = self._call("payment", "receive_webhook")
        opened = self._call("payment", "open_checkout")
        waits = "the page is open" if opened and not told else ""
        yield self._step("11", "provider", "the customer pays, or is declined", _begin(told), detail=waits)
        yield self._step("12", "API Gateway", "the provider's webhook arrives", _begin(told))
        yield self._step("13", "payment", "verifies its signature", _begin(told), told)
        saved = next((line for line in self.lines if line.get("message") == "A payment was saved"), None)
        at, status = (_time_of(saved), str(saved["status"])) if saved else (None, "")
        yield self._step("14", "payment", "saves payment and message", at, detail=status)
        yield self._step("15", "SNS", "cdc-payment-created", self._first("published"))
        for service in CONSUMERS:
            queue, call = f"{service}-payments", self._call(service, "on_payment")
            waits = f"waits in {queue}" if not call and self._first("queued", queue) else ""
            title = _CONSUMES.get(service, "hears of it")
            yield self._step("16", service, title, _begin(call), call, waits)
        yield self._step("17", "S3", "keeps the invoice", self._first("stored", "invoices/"))
        mailing, title = self._call("notification", "on_invoice"), "fetches it, and calls the mail service"
        yield self._step("18", "S3", "starts the notification", _begin(mailing))
        yield self._step("19", "notification", title, _begin(mailing), mailing)
        yield self._step("20", "SES", "mails it", self._first("mailed"))

    def _step(
        self,
        number: str,
        who: str,
        title: str,
        at: float | None,
        call: Happening | None = None,
        detail: str = "",
    ) -> Step:
        return Step(number, who, title, at, call["milliseconds"] if call else None, detail)

    def _state(self, number: str, who: str, title: str, status: str) -> Step:
        return self._step(number, who, title, self._entered(status))

    def _entered(self, status: str, cause: str = "") -> float | None:
        entered = (s for s in self.states if s["status"] == status and cause in ("", s["cause"]))
        return next(map(_time_of, entered), None)

    def _why(self, at: float | None) -> str:
        return next((str(state["status"]) for state in self.states if _time_of(state) == at), "")

    def _call(self, service: str, handler: str) -> Happening | None:
        """The first call in which this handler did its work for the order."""
        for call in self.calls:
            for line in call["lines"]:
                done = line.get("service") == service and line.get("handler") == handler
                if done and line.get("message") == "Handled" and line in self.lines:
                    return call
        return None

    def _first(self, kind: str, name: str = "") -> float | None:
        found = (one for one in self.happened if one["kind"] == kind and one["name"].startswith(name))
        return next(map(_at, found), None)


_CONSUMES = {
    "inventory": "gives the stock back if the order was canceled",
    "order": "goes on its way, or is canceled",
    "invoice": "writes the PDF if the order took the payment",
}


def _calls(calls: Sequence[Happening]) -> Iterator[Call]:
    callers = {call["span"]: call["parent"] for call in calls}
    for call in calls:
        depth, caller = 0, call["parent"]
        while caller in callers:
            depth, caller = depth + 1, callers[caller]
        yield Call(
            _at(call), call["milliseconds"], call["name"], call["cause"], depth, call["trace"], call["failed"]
        )


def _orders_of(happening: Happening) -> list[str]:
    told = happening.get("lines", [happening])
    return [str(line["order_id"]) for line in told if line.get("order_id")]


def _at(happening: Happening) -> float:
    return float(happening["at"])


def _begin(call: Happening | None) -> float | None:
    return _at(call) if call else None


def _end(call: Happening | None) -> float | None:
    return _at(call) + call["milliseconds"] / 1000 if call else None


def _time_of(line: Mapping[str, Any]) -> float:
    """When a line was logged."""
    return datetime.fromisoformat(str(line["timestamp"])).timestamp()
