"""Which adapter stands behind each port of the inventory service."""

from functools import cached_property
from pathlib import Path

from chalicelib.inventory import use_cases
from chalicelib.inventory.settings import InventorySettings

from common.aws.services.orders import OrderService
from common.ports.services.orders import Orders
from common.ports.stock import StockRepository
from common.repositories.postgres.stock import PostgresStock
from common.repositories.postgres.wiring import DatabaseWiring
from common.settings import load

MIGRATIONS = Path(__file__).parent / "migrations"


class InventoryWiring(DatabaseWiring):
    @cached_property
    def settings(self) -> InventorySettings:
        return load(InventorySettings)

    @cached_property
    def stock(self) -> StockRepository:
        return PostgresStock(self.database, self.settings.stock_buckets)

    @cached_property
    def orders(self) -> Orders:
        return OrderService(self.functions)

    @cached_property
    def get_inventory(self) -> use_cases.GetInventory:
        return use_cases.GetInventory(self.stock)

    @cached_property
    def reserve_stock(self) -> use_cases.ReserveStock:
        return use_cases.ReserveStock(self.stock, self.clock, self.metrics)

    @cached_property
    def release_stock(self) -> use_cases.ReleaseStock:
        return use_cases.ReleaseStock(self.stock, self.clock)

    @cached_property
    def set_stock(self) -> use_cases.SetStock:
        return use_cases.SetStock(self.stock)

    @cached_property
    def stock_new_products(self) -> use_cases.StockNewProducts:
        return use_cases.StockNewProducts(self.stock)

    @cached_property
    def return_unpaid(self) -> use_cases.ReturnUnpaid:
        return use_cases.ReturnUnpaid(self.orders, self.stock, self.clock)
