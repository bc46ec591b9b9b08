"""Orders of one piece each, from eight connections at once.

The floor is pgbench, a program in C on Postgres' own library, with the same statement on the same server.
What pg8000 costs by itself is told beside it: the same statement by the shop's connection, without its
repository. A container is a process here, as on Lambda, though eight of them share the processor with the
server.
"""

import multiprocessing
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from attrs import frozen

from benchmarks import sides, stores
from benchmarks.row import Row
from common.domain.stock import StockLine
from common.repositories.postgres.database import Database, Login
from common.repositories.postgres.stock import _FROM_ITS_BUCKET, PostgresStock
from local import postgres
from tests.databases import PostgresServer

CONNECTIONS = 8
PLENTY = 1_000_000_000


@frozen
class Case:
    """So many products, ordered evenly, whose pieces lie in so many buckets."""

    name: str
    products: int
    buckets: int


CASES = (
    Case("one hot product", 1, 1),
    Case("one hot product in 8 buckets", 1, 8),
    Case("1,000 products evenly", 1000, 1),
)


def rows(full: bool) -> list[Row]:
    seconds, rounds = (10, 5) if full else (3, 3)
    with stores.postgres_server() as server:
        login = server.logins["inventory"]
        with multiprocessing.get_context("spawn").Pool(CONNECTIONS, _connect, (login,)) as containers:
            return [_row(case, server, containers, seconds, rounds) for case in CASES]


def _row(case: Case, server: PostgresServer, containers: Any, seconds: int, rounds: int) -> Row:
    server.empty("inventory")
    stock = PostgresStock(server.database("inventory"), case.buckets)
    stock.set([StockLine(f"product-{number}", PLENTY) for number in range(case.products)])
    stock.database.close()

    def by(order: Callable[[Case, float], int]) -> Callable[[], float]:
        return lambda: sum(containers.starmap(order, [(case, seconds)] * CONNECTIONS, 1)) / seconds

    rates: dict[str, list[float]] = {"ours": [], "bare": [], "pgbench": []}
    measure: dict[str, Callable[[], float]] = {
        "ours": by(_reserve),
        "bare": by(_run),
        "pgbench": lambda: _pgbench(case, server.logins["inventory"], seconds),
    }
    for turn in range(rounds):
        for name in list(rates)[:: 1 if turn % 2 else -1]:
            rates[name].append(measure[name]())
    bare = sides.median(rates["bare"])
    return Row(
        name=f"reservations of {case.name}",
        ours=sides.median(rates["ours"]),
        floor=sides.median(rates["pgbench"]),
        unit="a second",
        spread=sides.spread(rates["ours"], rates["pgbench"]),
        at_least=0.8,
        note=f"pg8000 alone: {bare:.0f} a second",
    )


# In the containers: what each of them has, for as long as it lives.
_database: Database
_chance: Random


def _connect(login: Login) -> None:
    global _database, _chance
    _database, _chance = Database(lambda _: login), Random()  # noqa: S311 - it keeps nothing secret


def _reserve(case: Case, seconds: float) -> int:
    stock = PostgresStock(_database, case.buckets)
    return _repeat(seconds, lambda: stock.reserve(uuid4(), [StockLine(_product(case), 1)], datetime.now(UTC)))


def _run(case: Case, seconds: float) -> int:
    connection = _database._connected()

    def work() -> None:
        order_id: UUID = uuid4()
        connection.run(
            _FROM_ITS_BUCKET,
            order_id=order_id,
            product_ids=[_product(case)],
            quantities=[1],
            at=datetime.now(UTC),
            bucket=order_id.int % case.buckets,
        )

    return _repeat(seconds, work)


def _product(case: Case) -> str:
    return f"product-{_chance.randrange(case.products)}"


def _repeat(seconds: float, work: Callable[[], object]) -> int:
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        work()
        done += 1
    return done


def _pgbench(case: Case, login: Login, seconds: int) -> float:
    """Its rate, in transactions a second."""
    values = {
        "order_id": "gen_random_uuid()",
        "product_ids": "array['product-' || :product]",
        "quantities": "array[1]",
        "at": "now()",
        "bucket": ":bucket",
    }
    statement = re.sub(r"(?<!:):(\w+)", lambda name: values[name[1]], _FROM_ITS_BUCKET)
    script = (
        f"\\set product random(0, {case.products - 1})\n\\set bucket random(0, {case.buckets - 1})\n"
        f"{statement.strip()};\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reserve.sql"
        file.write_text(script, encoding="utf-8")
        command = [
            *(str(postgres._binary("pgbench")), "--no-vacuum", "--protocol=extended", f"--file={file}"),
            *(f"--client={CONNECTIONS}", "--jobs=2", f"--time={seconds}"),
            *("-h", login.host, "-p", str(login.port), "-U", login.username, login.dbname),
        ]
        done = subprocess.run(  # noqa: S603 - of our own making
            command,
            env={**os.environ, "PGPASSWORD": login.password},
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None or "number of failed transactions: 0 " not in done.stdout:
        raise AssertionError(done.stdout + done.stderr)
    return float(found[1])
