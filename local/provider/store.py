"""What the provider remembers: one SQLite file. What was answered or announced was committed before."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

Json = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS object (id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_of_intent ON object (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_open ON object (kind, json_extract(body, '$.status'),
    json_extract(body, '$.expires_at'));
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, request TEXT NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, made REAL NOT NULL);
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL, body TEXT NOT NULL, made REAL NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL,
    due REAL NOT NULL, held INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE done = 0 AND held = 0;
CREATE INDEX IF NOT EXISTS delivery_of_event ON delivery (event);
CREATE TABLE IF NOT EXISTS attempt (delivery INTEGER NOT NULL, at REAL NOT NULL, status INTEGER,
    answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_of_delivery ON attempt (delivery);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@frozen
class Answer:
    """The answer that an idempotency key got, and what it was the answer to."""

    request: str
    status: int
    body: str


@frozen
class Delivery:
    """An event that waits to be delivered: `body` is what is posted, `attempts` how often it was tried."""

    number: int
    event_id: str
    body: str
    attempts: int


class Store:
    """For one thread at a time. Changes outlive the process once `transaction` ends."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is committed together when it ends, or nothing of it when it raises."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def put(self, thing: Json) -> None:
        """Stores an object under its id, over what was there."""
        self._db.execute(
            "INSERT INTO object VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], thing["object"], json.dumps(thing)),
        )

    def get(self, kind: str, object_id: str) -> Json | None:
        row = self._db.execute(
            "SELECT body FROM object WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def of_intent(self, kind: str, intent_id: str) -> list[Json]:
        """The objects of a kind that belong to a payment intent, newest first."""
        rows = self._db.execute(
            "SELECT body FROM object WHERE kind = ? AND json_extract(body, '$.payment_intent') = ?"
            " ORDER BY rowid DESC",
            (kind, intent_id),
        )
        return [json.loads(body) for (body,) in rows]

    def overdue_sessions(self, now: float) -> list[str]:
        """Ids of checkout sessions that are open though their time is over."""
        rows = self._db.execute(
            "SELECT id FROM object WHERE kind = 'checkout.session'"
            " AND json_extract(body, '$.status') = 'open' AND json_extract(body, '$.expires_at') <= ?",
            (now,),
        )
        return [object_id for (object_id,) in rows]

    def answer(self, key: str) -> Answer | None:
        row = self._db.execute("SELECT request, status, body FROM answer WHERE key = ?", (key,)).fetchone()
        return None if row is None else Answer(*row)

    def keep_answer(self, key: str, answer: Answer, now: float) -> None:
        self._db.execute(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
            (key, answer.request, answer.status, answer.body, now),
        )

    def forget_answers(self, before: float) -> None:
        self._db.execute("DELETE FROM answer WHERE made < ?", (before,))

    def add_event(self, event: Json, now: float) -> None:
        # Over several lines, as Stripe posts it: who checks the signature of a re-made body fails here too.
        body = json.dumps(event, indent=2, ensure_ascii=False)
        self._db.execute(
            "INSERT INTO event (id, type, body, made) VALUES (?, ?, ?, ?)",
            (event["id"], event["type"], body, now),
        )

    def add_delivery(self, event_id: str, due: float, *, held: bool) -> None:
        self._db.execute("INSERT INTO delivery (event, due, held) VALUES (?, ?, ?)", (event_id, due, held))

    def has_event(self, event_id: str) -> bool:
        return self._db.execute("SELECT 1 FROM event WHERE id = ?", (event_id,)).fetchone() is not None

    def due(self, now: float, limit: int) -> list[Delivery]:
        """Deliveries whose time has come, those that wait longest first."""
        rows = self._db.execute(
            "SELECT delivery.number, event.id, event.body, delivery.attempts FROM delivery"
            " JOIN event ON event.id = delivery.event WHERE done = 0 AND held = 0 AND due <= ?"
            " ORDER BY due, delivery.number LIMIT ?",
            (now, limit),
        )
        return [Delivery(*row) for row in rows]

    def next_due(self) -> float | None:
        """When the next delivery is due, if any waits."""
        row = self._db.execute("SELECT min(due) FROM delivery WHERE done = 0 AND held = 0").fetchone()
        return None if row is None else row[0]

    def all_due_at(self, now: float) -> None:
        """Lets every delivery that waits for its next attempt be tried at once."""
        self._db.execute("UPDATE delivery SET due = ? WHERE done = 0 AND held = 0 AND attempts > 0", (now,))

    def held(self) -> list[int]:
        """Numbers of held deliveries, oldest first."""
        return [
            number
            for (number,) in self._db.execute("SELECT number FROM delivery WHERE held = 1 ORDER BY number")
        ]

    def release(self, number: int, due: float) -> None:
        self._db.execute("UPDATE delivery SET held = 0, due = ? WHERE number = ?", (due, number))

    def tried(
        self, number: int, at: float, status: int | None, answer: str, *, done: bool, again: float
    ) -> None:
        """Notes one attempt; unless it is done with, the delivery is due again at `again`."""
        self._db.execute("INSERT INTO attempt VALUES (?, ?, ?, ?)", (number, at, status, answer))
        self._db.execute(
            "UPDATE delivery SET attempts = attempts + 1, done = ?, due = ? WHERE number = ?",
            (done, again, number),
        )

    def story(self, limit: int) -> list[Json]:
        """The newest events, newest first, each with its deliveries and what each attempt was answered."""
        events = self._db.execute(
            "SELECT id, type, body, made FROM event ORDER BY number DESC LIMIT ?", (limit,)
        )
        return [
            {"id": event_id, "type": kind, "made": made, "event": json.loads(body)}
            | {"deliveries": self._deliveries(event_id)}
            for event_id, kind, body, made in events.fetchall()
        ]

    def _deliveries(self, event_id: str) -> list[Json]:
        rows = self._db.execute(
            "SELECT number, due, held, done FROM delivery WHERE event = ? ORDER BY number", (event_id,)
        )
        return [
            {"delivered": bool(done), "held": bool(held), "due": None if done or held else due}
            | {"attempts": self._attempts(number)}
            for number, due, held, done in rows.fetchall()
        ]

    def _attempts(self, number: int) -> list[Json]:
        rows = self._db.execute(
            "SELECT at, status, answer FROM attempt WHERE delivery = ? ORDER BY at", (number,)
        )
        return [{"at": at, "status": status, "answer": answer} for at, status, answer in rows]

    def setting(self, name: str) -> Any:
        """A setting's value, None if it was never set."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set(self, name: str, value: Any) -> None:
        self._db.execute(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )
