"""Delivered orders in Cassandra."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from uuid import UUID

from attrs import fields

from common.domain.order import Order
from common.kinds import service
from common.ports.archive import OrderCopy
from common.repositories.cassandra.session import Cassandra, Statement, in_hundreds, period_of
from common.repositories.copies import order_of

_COLUMNS = tuple(field.name for field in fields(OrderCopy))
_NAMES = ", ".join(_COLUMNS)
_values = attrgetter(*_COLUMNS)

_PUT_ORDER = f"INSERT INTO archived_orders ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - of columns
_PUT_IN_HISTORY = "INSERT INTO archived_orders_of_customer (customer_id, period, order_id) VALUES (?, ?, ?)"
_PUT_PERIOD = "INSERT INTO archived_periods_of_customer (customer_id, period) VALUES (?, ?)"

_GET = f"SELECT {_NAMES} FROM archived_orders WHERE order_id = ?"  # noqa: S608 - of columns
_GET_SOME = f"SELECT {_NAMES} FROM archived_orders WHERE order_id IN ?"  # noqa: S608 - of columns

_OF_MANY = """
SELECT customer_id, order_id FROM archived_orders_of_customer
WHERE customer_id IN ? AND period = ? AND order_id >= ? AND order_id <= ?
"""
_OF_ONE = """
SELECT customer_id, order_id FROM archived_orders_of_customer
WHERE customer_id = ? AND period = ? AND order_id IN ?
"""
_PERIODS_OF_MANY = """
SELECT customer_id, period FROM archived_periods_of_customer WHERE customer_id IN ? AND period = ?
"""

_PERIODS = "SELECT period FROM archived_periods_of_customer WHERE customer_id = ? AND period <= ?"
_NEWEST = """
SELECT order_id FROM archived_orders_of_customer
WHERE customer_id = ? AND period = ? AND order_id < ? LIMIT ?
"""
_LAST_ID = UUID(int=2**128 - 1)
# Beyond every id of this version, which a comparison of ids looks at first.
_NEWER_THAN_ALL = UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")


@service
class CassandraArchive:
    """`OrderArchive` in Cassandra.

    An order stands in `archived_orders` under its id. A customer's history has the ids alone, in partitions
    of 50 days, and a list of those periods that have any; a page reads the ids, then their orders.
    """

    store: Cassandra

    def put(self, copies: Sequence[OrderCopy]) -> None:
        orders: list[Statement] = [(_PUT_ORDER, _values(copy)) for copy in copies]
        histories = [(copy.customer_id, period_of(copy.order_id), copy.order_id) for copy in copies]
        periods = {history[:2] for history in histories}
        self.store.run_all(
            [
                *orders,
                *((_PUT_IN_HISTORY, history) for history in histories),
                *((_PUT_PERIOD, period) for period in periods),
            ]
        )

    def read_back(self, copies: Collection[OrderCopy]) -> Mapping[UUID, OrderCopy]:
        statements: list[Statement] = [
            (_GET_SOME, (ids,)) for ids in in_hundreds(copy.order_id for copy in copies)
        ]
        orders = len(statements)
        statements += _histories(copies)
        histories = len(statements)
        statements += _periods(copies)
        found = self.store.run_all(statements)
        listed = {row for rows in found[orders:histories] for row in rows}
        periods = {row for rows in found[histories:] for row in rows}
        kept = [OrderCopy(*row) for rows in found[:orders] for row in rows]
        return {
            copy.order_id: copy
            for copy in kept
            if (copy.customer_id, copy.order_id) in listed
            and (copy.customer_id, period_of(copy.order_id)) in periods
        }

    def get(self, order_id: UUID) -> Order | None:
        rows = self.store.run(_GET, order_id)
        return order_of(OrderCopy(*rows[0])) if rows else None

    def page(self, customer_id: str, before: UUID | None, limit: int) -> Sequence[Order]:
        newest = period_of(before or _LAST_ID)
        periods = [period for (period,) in self.store.run(_PERIODS, customer_id, newest)]
        ids: list[UUID] = []
        # Mostly the newest period suffices; of somebody who seldom orders, several are read at once.
        while periods and len(ids) < limit:
            count = 8 if ids or before else 1
            wanted = [
                (_NEWEST, (customer_id, period, before or _NEWER_THAN_ALL, limit - len(ids)))
                for period in periods[:count]
            ]
            ids += [order_id for rows in self.store.run_all(wanted) for (order_id,) in rows]
            periods = periods[count:]
        found = self.store.run_all([(_GET, (order_id,)) for order_id in ids[:limit]])
        # An id without its order is one that is being archived now: it is still where it was.
        return [order_of(OrderCopy(*rows[0]), story=False) for rows in found if rows]


def _histories(copies: Iterable[OrderCopy]) -> list[Statement]:
    """What asks for the orders' places in their customers' histories.

    A customer with several of them is asked for alone; the others are asked for together, by the range of
    their ids.
    """
    ids: defaultdict[tuple[int, str], list[UUID]] = defaultdict(list)
    for copy in copies:
        ids[period_of(copy.order_id), copy.customer_id].append(copy.order_id)
    single: defaultdict[int, list[tuple[UUID, str]]] = defaultdict(list)
    statements: list[Statement] = []
    for (period, customer_id), of_one in ids.items():
        if len(of_one) == 1:
            single[period].append((of_one[0], customer_id))
        else:
            statements += [(_OF_ONE, (customer_id, period, some)) for some in in_hundreds(of_one)]
    for period, of_many in single.items():
        for some in in_hundreds(sorted(of_many)):
            customers = [customer_id for _, customer_id in some]
            statements.append((_OF_MANY, (customers, period, some[0][0], some[-1][0])))
    return statements


def _periods(copies: Iterable[OrderCopy]) -> list[Statement]:
    """What asks for the orders' periods in the lists of their customers' periods."""
    customers: defaultdict[int, set[str]] = defaultdict(set)
    for copy in copies:
        customers[period_of(copy.order_id)].add(copy.customer_id)
    return [
        (_PERIODS_OF_MANY, (some, period))
        for period, of_period in customers.items()
        for some in in_hundreds(of_period)
    ]
