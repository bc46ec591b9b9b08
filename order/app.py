"""The order service: takes an order from placed to delivered or canceled."""

from datetime import timedelta
from typing import Any

from chalice import Chalice, CognitoUserPoolAuthorizer, Rate
from chalice.app import CloudWatchEvent
from chalicelib.order import api
from chalicelib.order.wiring import MIGRATIONS, OrderWiring

from common.codec import read
from common.domain.cart import Cart
from common.domain.order import Order
from common.errors import KeyReused, NotCancelable, NotDeliverable, OutOfStock
from common.events import PaymentCreated
from common.ports.audit import OrderRange
from common.ports.orders import OrderRecord, StuckOrder
from common.repositories.postgres.migrate import migrate as apply_migrations
from common.settings import resource
from common.web.consumers import consumer
from common.web.endpoints import endpoint
from common.web.functions import internal, triggered
from common.web.identity import operator, signed_in
from common.web.paging import PageQuery
from common.web.requests import ANY_TYPE, json_body, order_of_path, query, required_header

app = Chalice(app_name="order", configure_logs=False)
customers = CognitoUserPoolAuthorizer("customers", provider_arns=[resource("USER_POOL_ARN")])
shop = OrderWiring()


@app.route("/orders", methods=["POST"], content_types=ANY_TYPE, authorizer=customers)
@endpoint(app, OutOfStock, KeyReused, status=201, location="/orders/{order_id}")
def place_order() -> api.OrderBody:
    """Place an order

    Takes the stock, all of it or none, and holds it until the order is paid, canceled or expired.

    Idempotent by the Idempotency-Key: the same request again, also after an error or an answer that was lost,
    goes on with the same order, and is answered with it as it then stands. Nothing is ordered or taken twice.
    """
    request = app.current_request
    customer = signed_in(request, shop.tokens)
    key = required_header(request, api.IDEMPOTENCY_KEY)
    return api.OrderBody.of(shop.place_order(customer, key, json_body(request, Cart)))


@app.route("/orders", methods=["GET"], authorizer=customers)
@endpoint(app)
def list_orders() -> api.OrdersBody:
    """List one's orders, newest first"""
    customer = signed_in(app.current_request, shop.tokens)
    asked = query(app.current_request, PageQuery)
    return api.OrdersBody.of(shop.list_orders(customer, api.position_of(asked.cursor), asked.limit))


@app.route("/orders/{order_id}", methods=["GET"], authorizer=customers)
@endpoint(app)
def get_order(order_id: str) -> api.OrderBody:
    """Show an order and its story"""
    customer = signed_in(app.current_request, shop.tokens)
    return api.OrderBody.of(shop.get_order(customer, order_of_path(order_id)))


@app.route("/orders/{order_id}/cancel", methods=["POST"], content_types=ANY_TYPE, authorizer=customers)
@endpoint(app, NotCancelable)
def cancel_order(order_id: str) -> api.OrderBody:
    """Cancel an order that awaits its payment

    Again, it changes nothing and is answered alike.
    """
    customer = signed_in(app.current_request, shop.tokens)
    return api.OrderBody.of(shop.cancel_order(customer, order_of_path(order_id)))


@app.route("/orders/{order_id}/deliver", methods=["POST"], content_types=ANY_TYPE, authorizer=customers)
@endpoint(app, NotDeliverable)
def deliver_order(order_id: str) -> api.OrderBody:
    """Mark an order as delivered

    For operators of the shop. Again, it changes nothing and is answered alike.
    """
    operator(app.current_request, shop.tokens)
    return api.OrderBody.of(shop.deliver_order(order_of_path(order_id)))


@app.lambda_function(name="get_order")
@internal(app)
def find_order(arguments: dict[str, Any]) -> Order | None:
    return shop.history.get(read(arguments, api.OrderId).order_id)


@app.lambda_function(name="bought_together")
@internal(app)
def bought_together(arguments: dict[str, Any]) -> list[str]:
    return list(shop.purchases.suggestions(read(arguments, api.ProductId).product_id))


@app.lambda_function(name="apply_payment")
@internal(app)
def apply_payment(arguments: dict[str, Any]) -> Order | None:
    return shop.apply_payment(read(arguments, api.PaymentOfOrder).payment)


@app.lambda_function(name="audit_orders")
@internal(app)
def audit_orders(arguments: dict[str, Any]) -> list[OrderRecord]:
    return list(shop.orders.audit(read(arguments, OrderRange)))


@app.lambda_function(name="find_stuck")
@internal(app)
def find_stuck(arguments: dict[str, Any]) -> list[StuckOrder]:
    return shop.find_stuck(timedelta(minutes=read(arguments, api.Patience).minutes))


@app.on_sqs_message(queue=resource("PAYMENT_QUEUE"), name="on_payment", batch_size=10)
@consumer(app)
def on_payment(message: PaymentCreated) -> None:
    """Judge the payment: the order goes on its way, or is canceled, or the money goes back"""
    shop.settle_payment(message.data)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="expire_unpaid")
@triggered(app)
def expire_unpaid(event: CloudWatchEvent) -> int:
    return shop.expire_unpaid()


@app.schedule(Rate(1, unit=Rate.MINUTES), name="undo_placing")
@triggered(app)
def undo_placing(event: CloudWatchEvent) -> int:
    return shop.undo_placing()


@app.schedule(Rate(1, unit=Rate.MINUTES), name="return_stock")
@triggered(app)
def return_stock(event: CloudWatchEvent) -> int:
    return shop.return_stock()


@app.schedule(Rate(1, unit=Rate.MINUTES), name="archive_delivered")
@triggered(app)
def archive_delivered(event: CloudWatchEvent) -> int:
    return shop.archive_delivered(lambda: event.context.get_remaining_time_in_millis() / 1000)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="rank_suggestions")
@triggered(app)
def rank_suggestions(event: CloudWatchEvent) -> int:
    return shop.rank_suggestions(lambda: event.context.get_remaining_time_in_millis() / 1000)


@app.lambda_function(name="migrate")
@internal(app)
def migrate(arguments: dict[str, Any]) -> list[str]:
    return [*apply_migrations(shop.owner_database, MIGRATIONS), *shop.migrate_archive()]
