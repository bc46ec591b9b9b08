"""What the inventory service does, one file a use case."""

from chalicelib.inventory.use_cases.get_inventory import GetInventory
from chalicelib.inventory.use_cases.release_stock import ReleaseStock
from chalicelib.inventory.use_cases.reserve_stock import ReserveStock
from chalicelib.inventory.use_cases.return_unpaid import ReturnUnpaid
from chalicelib.inventory.use_cases.set_stock import SetStock
from chalicelib.inventory.use_cases.stock_new_products import StockNewProducts

__all__ = ["GetInventory", "ReleaseStock", "ReserveStock", "ReturnUnpaid", "SetStock", "StockNewProducts"]
