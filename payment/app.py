"""The payment service: starts checkouts, records what the provider says of payments, tells the others."""

from typing import Any

from chalice import Chalice, CognitoUserPoolAuthorizer, Rate
from chalice.app import CloudWatchEvent
from chalicelib.payment import api
from chalicelib.payment.wiring import MIGRATIONS, PaymentWiring

from common.codec import read
from common.errors import Invalid, NotFound, NotPayable, Refused, SignatureRefused
from common.ports.audit import OrderRange
from common.ports.payments import PaymentRecord
from common.repositories.postgres.migrate import migrate as apply_migrations
from common.settings import resource
from common.web.endpoints import endpoint
from common.web.functions import internal, triggered
from common.web.identity import signed_in
from common.web.requests import ANY_TYPE, json_body, order_of_path, raw_body

app = Chalice(app_name="payment", configure_logs=False)
customers = CognitoUserPoolAuthorizer("customers", provider_arns=[resource("USER_POOL_ARN")])
shop = PaymentWiring()


@app.route("/payments/checkout", methods=["POST"], content_types=ANY_TYPE, authorizer=customers)
@endpoint(app, NotFound, NotPayable, Refused, status=201)
def open_checkout() -> api.OpenedCheckout:
    """Open the page where an order is paid

    Idempotent: an order has one page, however often it is asked for, and every answer names it.
    """
    customer = signed_in(app.current_request, shop.tokens)
    order_id = json_body(app.current_request, api.CheckoutBody).order_id
    return api.OpenedCheckout.of(order_id, shop.open_checkout(customer, order_id))


@app.route("/payments/{order_id}", methods=["GET"], authorizer=customers)
@endpoint(app)
def get_payments(order_id: str) -> api.PaymentsOfOrder:
    """Show what was paid for an order"""
    customer = signed_in(app.current_request, shop.tokens)
    wanted = order_of_path(order_id)
    return api.PaymentsOfOrder.of(wanted, shop.get_payments(customer, wanted))


@app.route("/webhooks/stripe", methods=["POST"], content_types=ANY_TYPE)
@endpoint(app, SignatureRefused, Invalid)
def receive_webhook() -> api.Received:
    """Take in what the payment provider tells

    For Stripe alone, which signs what it sends. An event that is sent again changes nothing.
    """
    request = app.current_request
    return api.Received(news=shop.receive_webhook(raw_body(request), request.headers))


@app.lambda_function(name="request_refund")
@internal(app)
def request_refund(arguments: dict[str, Any]) -> None:
    shop.request_refund(read(arguments, api.PaymentId).payment_id)


@app.lambda_function(name="audit_payments")
@internal(app)
def audit_payments(arguments: dict[str, Any]) -> list[PaymentRecord]:
    return list(shop.payments.audit(read(arguments, OrderRange)))


@app.schedule(Rate(1, unit=Rate.MINUTES), name="publish_outbox")
@triggered(app)
def publish_outbox(event: CloudWatchEvent) -> int:
    return shop.publish_outbox()


@app.schedule(Rate(1, unit=Rate.MINUTES), name="send_refunds")
@triggered(app)
def send_refunds(event: CloudWatchEvent) -> int:
    return shop.send_refunds()


@app.lambda_function(name="migrate")
@internal(app)
def migrate(arguments: dict[str, Any]) -> list[str]:
    return apply_migrations(shop.owner_database, MIGRATIONS)
