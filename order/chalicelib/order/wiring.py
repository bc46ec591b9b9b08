"""Which adapter stands behind each port of the order service."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.order import use_cases
from chalicelib.order.settings import OrderSettings
from chalicelib.order.use_cases.cancellation import Cancellation
from chalicelib.order.use_cases.history import History

from common.aws.services.catalog import CatalogService
from common.aws.services.inventory import InventoryService
from common.aws.services.payments import PaymentService
from common.aws.wiring import TokensWiring
from common.ports.archive import OrderArchive
from common.ports.orders import OrderRepository
from common.ports.services.catalog import Catalog
from common.ports.services.inventory import Inventory
from common.ports.services.payments import Payments
from common.ports.suggestions import DueProducts, Purchases
from common.repositories.postgres.orders import PostgresOrders
from common.repositories.postgres.suggestions import PostgresDueProducts
from common.repositories.postgres.wiring import DatabaseWiring
from common.secrets import login_from
from common.settings import load

if TYPE_CHECKING:
    from common.repositories.cassandra.session import Cassandra

MIGRATIONS = Path(__file__).parent / "migrations"


class OrderWiring(DatabaseWiring, TokensWiring):
    @cached_property
    def settings(self) -> OrderSettings:
        return load(OrderSettings)

    @cached_property
    def orders(self) -> OrderRepository:
        return PostgresOrders(self.database)

    # Cassandra's driver takes a fifth of a second to import: only what needs the archive waits for it.

    @cached_property
    def archive_store(self) -> "Cassandra":
        from common.repositories.cassandra.session import Cassandra, Login

        return Cassandra(login_from(self.secrets, self.settings.archive_secret, Login))

    @cached_property
    def archive(self) -> OrderArchive:
        from common.repositories.cassandra.archive import CassandraArchive

        return CassandraArchive(self.archive_store)

    @cached_property
    def purchases(self) -> Purchases:
        from common.repositories.cassandra.suggestions import CassandraPurchases

        return CassandraPurchases(self.archive_store)

    @cached_property
    def due_products(self) -> DueProducts:
        return PostgresDueProducts(self.database)

    @cached_property
    def history(self) -> History:
        return History(self.orders, lambda: self.archive)

    def migrate_archive(self) -> list[str]:
        """Makes the tables of the archive that are missing; returns the names of their files."""
        from common.repositories.cassandra.migrate import migrate

        return migrate(self.archive_store, MIGRATIONS)

    @cached_property
    def catalog(self) -> Catalog:
        return CatalogService(self.functions)

    @cached_property
    def inventory(self) -> Inventory:
        return InventoryService(self.functions)

    @cached_property
    def payments(self) -> Payments:
        return PaymentService(self.functions)

    @cached_property
    def place_order(self) -> use_cases.PlaceOrder:
        time_to_pay = timedelta(minutes=self.settings.order_minutes_to_pay)
        return use_cases.PlaceOrder(
            self.history, self.catalog, self.inventory, self.clock, self.ids, time_to_pay, self.metrics
        )

    @cached_property
    def get_order(self) -> use_cases.GetOrder:
        return use_cases.GetOrder(self.history)

    @cached_property
    def list_orders(self) -> use_cases.ListOrders:
        return use_cases.ListOrders(self.history)

    @cached_property
    def cancellation(self) -> Cancellation:
        return Cancellation(self.orders, self.inventory, self.clock)

    @cached_property
    def cancel_order(self) -> use_cases.CancelOrder:
        return use_cases.CancelOrder(self.get_order, self.cancellation)

    @cached_property
    def apply_payment(self) -> use_cases.ApplyPayment:
        return use_cases.ApplyPayment(self.history, self.clock, self.metrics)

    @cached_property
    def settle_payment(self) -> use_cases.SettlePayment:
        return use_cases.SettlePayment(self.apply_payment, self.payments)

    @cached_property
    def find_stuck(self) -> use_cases.FindStuck:
        return use_cases.FindStuck(
            self.orders,
            self.clock,
            timedelta(minutes=self.settings.order_minutes_to_place),
            timedelta(minutes=self.settings.order_minutes_to_archive),
        )

    @cached_property
    def expire_unpaid(self) -> use_cases.ExpireUnpaid:
        return use_cases.ExpireUnpaid(self.orders, self.clock)

    @cached_property
    def undo_placing(self) -> use_cases.UndoPlacing:
        time_to_place = timedelta(minutes=self.settings.order_minutes_to_place)
        return use_cases.UndoPlacing(self.orders, self.clock, time_to_place)

    @cached_property
    def return_stock(self) -> use_cases.ReturnStock:
        return use_cases.ReturnStock(self.orders, self.cancellation)

    @cached_property
    def deliver_order(self) -> use_cases.DeliverOrder:
        return use_cases.DeliverOrder(self.history, self.clock)

    @cached_property
    def archive_delivered(self) -> use_cases.ArchiveDelivered:
        age = timedelta(minutes=self.settings.order_minutes_to_archive)
        return use_cases.ArchiveDelivered(
            self.orders, lambda: self.archive, self.clock, age, self.note_purchases
        )

    @cached_property
    def note_purchases(self) -> use_cases.NotePurchases:
        return use_cases.NotePurchases(lambda: self.purchases, self.due_products)

    @cached_property
    def rank_suggestions(self) -> use_cases.RankSuggestions:
        return use_cases.RankSuggestions(lambda: self.purchases, self.due_products, self.clock)
