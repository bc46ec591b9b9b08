"""pg8000's connection, with fewer round trips.

The driver sends a statement in three parts and waits for the server after each. Here all parts of it go at
once, and BEGIN goes with the statement behind it: docs/decisions/0105 has the figures.
"""

from functools import lru_cache
from typing import Any

from pg8000 import native
from pg8000.converters import make_params
from pg8000.core import NULL_BYTE, SYNC_MSG, Context

# The driver would read a text for its placeholders again each time it is run.
_to_statement = lru_cache(maxsize=256)(native.to_statement)


class OneTripConnection(native.Connection):  # type: ignore[misc]
    """As the driver's, but each statement is an unnamed one, values apart from text, in one round trip."""

    def run(self, sql: str, **values: Any) -> list[list[Any]]:
        """The rows that the statement returns; `columns` tells what they consist of."""
        statement, in_order = _to_statement(sql)
        self._send(statement, in_order(values))
        self._sock.write(SYNC_MSG)
        self._sock.flush()
        self._context = Context(statement)
        self.handle_messages(self._context)
        return self._context.rows or []

    def begin(self) -> None:
        """Opens a transaction, together with the statement that comes next: nothing goes out before that."""
        self._send("BEGIN", ())

    def _send(self, statement: str, values: tuple[Any, ...]) -> None:
        parameters = make_params(self.py_types, values)
        self.send_PARSE(NULL_BYTE, statement)
        self.send_DESCRIBE_STATEMENT(NULL_BYTE)
        self.send_BIND(NULL_BYTE, parameters)
        self.send_EXECUTE()
