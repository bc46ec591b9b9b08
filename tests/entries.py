"""Rows of the shop's stores, as they stand in the books (`operations.books`)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from operations.books import OrderEntry, PaymentEntry

Row = Mapping[str, Any]


def order_entry(row: Row, story: Sequence[str], *, is_archived: bool = False) -> OrderEntry:
    """A row of the live orders or of the archive, whose lines were read; `story` has its states in order."""
    return OrderEntry(
        str(row["order_id"]),
        row["status"],
        {line["product_id"]: line["quantity"] for line in row["lines"]},
        row["amount"],
        row["currency"],
        row["payment_id"],
        row.get("stock_returned_at") is not None,
        story,
        is_archived,
        row["reason"],
    )


def payment_entries(payments: Sequence[Row], outbox: Sequence[Row]) -> list[PaymentEntry]:
    """The rows of the payment service's tables."""
    untold = {json.loads(row["body"])["data"]["payment_id"] for row in outbox if row["published_at"] is None}
    return [
        PaymentEntry(
            row["payment_id"],
            str(row["order_id"]),
            row["status"],
            row["amount"],
            row["currency"],
            row["payment_id"] not in untold,
        )
        for row in payments
    ]


def held_entries(reservations: Sequence[Row]) -> dict[str, dict[str, int]]:
    """What each order holds, by the inventory's rows."""
    return {
        str(row["order_id"]): dict(zip(row["product_ids"], row["quantities"], strict=True))
        for row in reservations
        if row["state"] == "held"
    }


def orders_of(keys: Sequence[str], *folders: str) -> set[str]:
    """The orders that have a file in one of the folders of the bucket."""
    named = [key for key in keys if key.startswith(tuple(f"{folder}/" for folder in folders))]
    return {key.rpartition("/")[2].removesuffix(".pdf") for key in named}
