"""The inventory service: other services call it, clients cannot."""

from typing import Any

from chalice import Chalice
from chalicelib.inventory import api
from chalicelib.inventory.wiring import MIGRATIONS, InventoryWiring

from common.codec import read
from common.domain.stock import StockLine
from common.events import PaymentCreated
from common.ports.audit import OrderRange
from common.ports.stock import ReservationRecord
from common.repositories.postgres.migrate import migrate as apply_migrations
from common.settings import resource
from common.web.consumers import consumer
from common.web.functions import internal

app = Chalice(app_name="inventory", configure_logs=False)
shop = InventoryWiring()


@app.lambda_function(name="get_inventory")
@internal(app)
def get_inventory(arguments: dict[str, Any]) -> dict[str, int]:
    return shop.get_inventory(read(arguments, api.ProductIds).product_ids)


@app.lambda_function(name="reserve_stock")
@internal(app)
def reserve_stock(arguments: dict[str, Any]) -> str:
    request = read(arguments, api.Reservation)
    return shop.reserve_stock(request.order_id, request.lines)


@app.lambda_function(name="release_stock")
@internal(app)
def release_stock(arguments: dict[str, Any]) -> None:
    shop.release_stock(read(arguments, api.Release).order_id)


@app.lambda_function(name="set_stock")
@internal(app)
def set_stock(arguments: dict[str, Any]) -> None:
    shop.set_stock(read(arguments, api.StockLevels).lines)


@app.lambda_function(name="stock_new_products")
@internal(app)
def stock_new_products(arguments: dict[str, Any]) -> None:
    shop.stock_new_products(read(arguments, api.StockLevels).lines)


@app.lambda_function(name="list_stock")
@internal(app)
def list_stock(arguments: dict[str, Any]) -> list[StockLine]:
    asked = read(arguments, api.StockPage)
    return list(shop.stock.page(asked.after, asked.below, asked.limit))


@app.lambda_function(name="audit_reservations")
@internal(app)
def audit_reservations(arguments: dict[str, Any]) -> list[ReservationRecord]:
    return list(shop.stock.audit(read(arguments, OrderRange)))


@app.on_sqs_message(queue=resource("PAYMENT_QUEUE"), name="on_payment", batch_size=10)
@consumer(app)
def on_payment(message: PaymentCreated) -> None:
    """Give the stock of the order back if it was canceled"""
    shop.return_unpaid(message.data)


@app.lambda_function(name="migrate")
@internal(app)
def migrate(arguments: dict[str, Any]) -> list[str]:
    return apply_migrations(shop.owner_database, MIGRATIONS)
