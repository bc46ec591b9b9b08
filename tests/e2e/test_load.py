"""Many customers at once, and a store that is away for a while: no error but documented ones, and soon.

Afterwards the shop works again by itself, and its books balance. `make load` does the same with more
customers, for longer, and prints what it saw.
"""

import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pg8000.native
import pytest
from attrs import define, field
from pg8000.exceptions import DatabaseError, InterfaceError

from local.paths import LOOPBACK, recorded_ports, secret
from tests.e2e.books import balanced
from tests.e2e.running import Person, RunningShop, eventually

MOST_CLIENTS, MOST_SECONDS = 50, 60
# Within this the shop works again after its store does.
RECOVERY_SECONDS = 10
# For so long a store is away; longer than the shop waits for its answer.
AWAY_SECONDS = 8
REFUSALS = {404, 409, 429, 503}


@define
class Answers:
    """What customers were answered, and how long they waited."""

    statuses: Counter[int] = field(factory=Counter)
    seconds: list[float] = field(factory=list)
    wrong: list[str] = field(factory=list)

    def note(self, answer: httpx.Response) -> httpx.Response:
        """Counts an answer; what is neither a success nor a documented refusal is wrong."""
        status = answer.status_code
        self.statuses[status] += 1
        self.seconds.append(answer.elapsed.total_seconds())
        if not (answer.is_success or status in REFUSALS):
            self.wrong.append(f"{answer.request.method} {answer.request.url}: {status} {answer.text[:200]}")
        if status == 503 and not answer.headers.get("retry-after", "").isdigit():
            self.wrong.append(f"503 without Retry-After: {answer.headers}")
        return answer

    def __str__(self) -> str:
        waits = sorted(self.seconds) or [0.0]
        at = {share: waits[int(share / 100 * (len(waits) - 1))] for share in (50, 99, 100)}
        counts = ", ".join(f"{times} of {status}" for status, times in sorted(self.statuses.items()))
        return f"{len(self.seconds)} answers ({counts}); " + ", ".join(
            f"{share} of 100 within {seconds:.2f} s" for share, seconds in at.items()
        )


def test_many_customers_at_once(shop: RunningShop, pytestconfig: pytest.Config) -> None:
    """Reads and orders, side by side: successes and documented refusals alone; the books balance."""
    clients = min(pytestconfig.getoption("--clients"), MOST_CLIENTS)
    seconds = min(pytestconfig.getoption("--load-seconds"), MOST_SECONDS)
    people, products = [shop.person() for _ in range(clients)], [shop.product() for _ in range(4)]
    answers, end = Answers(), time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        for shopping in [
            pool.submit(_shop, person, products, answers, end, n) for n, person in enumerate(people)
        ]:
            shopping.result()
    print(f"\n{clients} customers for {seconds} s: {answers}")
    assert not answers.wrong, "\n".join(answers.wrong)
    assert answers.statuses[201], "nobody could order"
    _settles(shop)


@contextmanager
def _stopped(shop: RunningShop) -> Iterator[None]:
    """Within the block Postgres takes connections and statements, and answers nothing."""
    pids = list(_family(shop.pid("postgres")))
    for pid in pids:
        _signal(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            _signal(pid, signal.SIGCONT)


@contextmanager
def _full(shop: RunningShop) -> Iterator[None]:
    """Within the block somebody else has all connections of Postgres, those of the shop among them."""
    with ExitStack() as taken:
        superuser = taken.enter_context(_connection(shop, "postgres"))

        def is_full() -> bool:
            """Throws the functions out, and takes what there is, before they do; whether that was all."""
            superuser.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY(:names)"
                " AND application_name <> 'greedy'",
                names=["inventory", "order", "payment"],
            )
            try:
                while True:
                    taken.enter_context(_connection(shop, "order"))
            except (DatabaseError, InterfaceError):
                [[others]] = superuser.run(
                    "SELECT count(*) FROM pg_stat_activity WHERE usename = ANY(:names)"
                    " AND application_name <> 'greedy'",
                    names=["inventory", "order", "payment"],
                )
                return not others

        eventually("all connections to be taken", is_full)
        yield


@pytest.mark.parametrize(
    "away", [_stopped, _full], ids=["the store is silent", "its connections are used up"]
)
def test_a_store_that_cannot_answer(
    shop: RunningShop, away: Callable[[RunningShop], ExitStack], request: pytest.FixtureRequest
) -> None:
    """503 with Retry-After, and soon; ten seconds after the store is back the shop is, by itself."""
    person, product = shop.person(), shop.product()
    key = str(uuid.uuid4())
    asked: Mapping[str, Callable[[], httpx.Response]] = {
        "list": lambda: person.shop.get("/orders"),
        "order": lambda: person.shop.order([(product, 1)], key),
        "payments": lambda: person.shop.get(f"/payments/{uuid.uuid4()}"),
    }
    for ask in asked.values():
        ask()
    during = Answers()
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(len(asked)) as pool:

        def go_on(ask: Callable[[], httpx.Response], end: float) -> None:
            while time.monotonic() < end:
                during.note(ask())

        with away(shop):
            end = time.monotonic() + AWAY_SECONDS
            for going_on in [pool.submit(go_on, ask, end) for ask in asked.values()]:
                going_on.result()
    back = time.monotonic()
    assert not during.wrong, "\n".join(during.wrong)
    assert set(during.statuses) <= {503, 404}, "somebody was answered as if all were well"
    assert during.statuses[503]
    after = Answers()
    eventually(
        "the shop to work again",
        lambda: all(after.note(ask()).status_code in (200, 201, 404) for ask in asked.values()),
        RECOVERY_SECONDS,
    )
    took = time.monotonic() - back
    print(f"\n{request.node.callspec.id}: {during}; works again {took:.1f} s after the store")
    assert not after.wrong, "\n".join(after.wrong)
    _settles(shop)


def _shop(person: Person, products: list[str], answers: Answers, end: float, seed: int) -> None:
    """What a customer does: looks around, mostly, and sometimes orders, and pays or thinks better of it."""
    choose, customer = random.Random(seed), person.shop
    while time.monotonic() < end:
        product = choose.choice(products)
        match choose.randrange(6):
            case 0:
                ordered = answers.note(customer.order([(product, 1)]))
                if ordered.status_code != 201:
                    continue
                order_id = ordered.json()["order_id"]
                if choose.randrange(2):
                    answers.note(customer.post(f"/orders/{order_id}/cancel"))
                else:
                    page = answers.note(customer.post("/payments/checkout", {"order_id": order_id}))
                    if page.status_code == 201:
                        customer.press(page.json()["url"], "pay")
            case 1:
                answers.note(customer.get("/orders", limit=5))
            case 2:
                answers.note(customer.get(f"/products/{product}/suggestions"))
            case 3:
                answers.note(customer.get(f"/products/{product}"))
            case _:
                answers.note(customer.get("/products", limit=20))


def _settles(shop: RunningShop) -> None:
    """The queues drain, and the books balance."""
    # What nobody pays is held for half an hour: its time is over now.
    shop.rows("order", "UPDATE orders SET expires_at = now() WHERE status = 'awaiting_payment'")
    assert balanced(shop)


@contextmanager
def _connection(shop: RunningShop, role: str) -> Iterator[pg8000.native.Connection]:
    """A connection to the order service's database, by a name that tells it from the functions'."""
    connection = pg8000.native.Connection(
        role,
        host=LOOPBACK,
        port=recorded_ports(shop.home)["postgres"],
        database="order",
        password=secret(f"postgres-{role}", shop.home),
        timeout=30,
        application_name="greedy",
    )
    try:
        yield connection
    finally:
        connection.close()


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started, and they."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split():
        yield from _family(int(child))


def _signal(pid: int, number: signal.Signals) -> None:
    """A process that has ended meanwhile needs none."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
