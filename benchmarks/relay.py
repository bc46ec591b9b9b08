"""The outbox's relay, which locks messages, publishes them by tens, several tens at once, and marks them.

Its floor copies the same rows out of Postgres (COPY) and publishes them by a bare loop of PublishBatch, as
many at once; it neither locks nor marks. Both publish to the emulator's SNS, where nobody subscribed.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from urllib.parse import urlencode

import boto3
import pg8000.native
from chalicelib.payment.use_cases.publish_outbox import PublishOutbox

from benchmarks import sides, stores
from benchmarks.row import Row
from common.aws.clients import client
from common.aws.metrics import LoggedMetrics
from common.aws.topic import AT_ONCE, BATCH, SnsTopic
from common.clock import SystemClock
from common.events import payment_created
from common.repositories.postgres.payments import PostgresPayments
from local import processes
from local.emulator import clients
from local.emulator.server import server as emulator
from tests.databases import PostgresServer
from tests.fakes import FakeIds
from tests.local.shop_homes import new_home, quiet
from tests.samples import new_order, payment_of


def rows(full: bool) -> list[Row]:
    messages, turns = (5000, 7) if full else (1000, 3)
    with stores.postgres_server() as postgres, stores.folder() as here:
        home = new_home(here / "home")
        try:
            processes.start([emulator(home)], home, report=quiet)
            os.environ.update(clients.environment(home))
            return [_rate(postgres, messages, turns)]
        finally:
            processes.stop(None, home, report=quiet)


def _rate(postgres: PostgresServer, messages: int, turns: int) -> Row:
    topic = boto3.client("sns").create_topic(Name="cdc-payment-created")["TopicArn"]
    database = postgres.database("payment")
    relay = PublishOutbox(PostgresPayments(database), SnsTopic(topic), SystemClock(), LoggedMetrics("bench"))
    spent: dict[str, list[float]] = {"ours": [], "floor": []}

    def measure(name: str, work: Callable[[], int]) -> None:
        began = time.perf_counter()
        if work() != messages:
            raise AssertionError("not every message was published")
        spent[name].append(time.perf_counter() - began)

    for _ in range(turns + 1):
        postgres.empty("payment")
        _fill(postgres, messages)
        # What the floor has read, the relay then takes.
        measure("floor", lambda: _bare(postgres, topic))
        measure("ours", relay)
    rates = {name: [messages / seconds for seconds in taken[1:]] for name, taken in spent.items()}
    return Row(
        name="messages out of the outbox",
        ours=sides.median(rates["ours"]),
        floor=sides.median(rates["floor"]),
        unit="a second",
        spread=sides.spread(rates["ours"], rates["floor"]),
        at_least=0.8,
        note=f"{BATCH} in a call, {AT_ONCE} calls at once",
    )


def _fill(postgres: PostgresServer, messages: int) -> None:
    ids, now = FakeIds(), SystemClock().now()
    order = new_order(ids)
    made = [payment_created(ids.new(now), payment_of(order), now, "bench") for _ in range(messages)]
    database = postgres.database("payment")
    database.run(
        "INSERT INTO outbox (message_id, body) SELECT * FROM unnest(:ids ::uuid[], :bodies ::text[])",
        ids=[message.message_id for message in made],
        bodies=[message.body for message in made],
    )
    database.close()


def _bare(postgres: PostgresServer, topic: str) -> int:
    copied = StringIO()
    login = postgres.logins["payment"]
    connection = pg8000.native.Connection(
        login.username, password=login.password, host=login.host, port=login.port, database=login.dbname
    )
    connection.run(
        "COPY (SELECT message_id, body FROM outbox WHERE published_at IS NULL ORDER BY message_id) TO STDOUT",
        stream=copied,
    )
    connection.close()
    entries = [line.partition("\t")[::2] for line in copied.getvalue().splitlines()]
    batches = [entries[start : start + BATCH] for start in range(0, len(entries), BATCH)]
    headers = {"content-type": "application/x-www-form-urlencoded"}

    def send(batch: list[tuple[str, str]]) -> int:
        form = {"Action": "PublishBatch", "Version": "2010-03-31", "TopicArn": topic}
        for number, (message_id, body) in enumerate(batch, 1):
            form[f"PublishBatchRequestEntries.member.{number}.Id"] = message_id
            form[f"PublishBatchRequestEntries.member.{number}.Message"] = body.replace("\\\\", "\\")
        sent = urlencode(form).encode()
        answer = client("sns").send("PublishBatch", "POST", "/", headers=headers, body=sent)
        return answer.body.count(b"<MessageId>")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(send, batches))
