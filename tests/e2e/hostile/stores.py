"""All that the running shop keeps, in whichever store: what is refused must leave it as it was."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from pymongo import MongoClient

from local.deploy import STAGE
from tests.e2e.books import QUEUES, waiting
from tests.e2e.permissions import schedules_off
from tests.e2e.running import BUCKET, RunningShop, eventually

SQL_TABLES = {
    "inventory": ("stock", "reservations"),
    "order": ("orders", "order_events", "order_requests", "suggestions_due"),
    "payment": ("checkouts", "payments", "provider_events", "outbox"),
}


def kept(shop: RunningShop) -> dict[str, list[Any]]:
    """Every row, document, object, message and mail, by where it is kept, each in a settled order."""
    found: dict[str, list[Any]] = {}
    for service, tables in SQL_TABLES.items():
        with shop.database(service) as database:
            for table in tables:
                # Sorted here: a row as a whole has no order that Postgres knows for every type.
                rows = database.run(f"SELECT to_jsonb(t) FROM {table} t")  # noqa: S608 - ours
                found[f"{service}.{table}"] = sorted(json.dumps(row, sort_keys=True) for row in rows or ())
    found["archive"] = sorted(map(repr, shop.archived().items()))
    found["catalog"] = _catalog(shop)
    pages = shop.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    found["bucket"] = [(item["Key"], item["ETag"]) for page in pages for item in page.get("Contents", ())]
    found["queues"] = [waiting(shop, name + rest) for name in QUEUES for rest in ("", "-dead-letters")]
    found["mails"] = sorted(
        mail["id"] for mail in httpx.get(f"{shop.described['mailbox']}/messages", trust_env=False).json()
    )
    return found


def changes(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> list[str]:
    """A line for each thing that is in one only."""
    lines = []
    for store in before:
        if before[store] != after[store]:
            lines += [f"{store} lost {one}" for one in before[store] if one not in after[store]]
            lines += [f"{store} got {one}" for one in after[store] if one not in before[store]]
    return lines


@contextmanager
def nothing_changes(shop: RunningShop) -> Iterator[None]:
    """Within the block no schedule runs, and whatever else is done must leave every store as it was."""
    with schedules_off(shop):
        before = kept(shop)

        def is_at_rest() -> bool:
            """Whether what others had begun is done: two looks, one after the other, see the same."""
            nonlocal before
            last, before = before, kept(shop)
            return last == before and not any(before["queues"])

        eventually("the stores to be at rest", is_at_rest)
        yield
        assert changes(before, kept(shop)) == []


def _catalog(shop: RunningShop) -> list[Any]:
    with MongoClient[dict[str, Any]](shop.described["mongo"]) as client:
        databases = [
            name for name in client.list_database_names() if name not in ("admin", "local", "config")
        ]
        return [
            (database, name, json.dumps(document, default=str, sort_keys=True))
            for database in sorted(databases)
            for name in sorted(client[database].list_collection_names())
            for document in client[database][name].find().sort("_id", 1)
        ]


def function_names(shop: RunningShop) -> list[str]:
    """The functions of the shop, internal ones among them."""
    pages = shop.aws("lambda").get_paginator("list_functions").paginate()
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    return [name for name in names if f"-{STAGE}" in name]
