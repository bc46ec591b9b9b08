"""Examples for the documents: one order's story, presented by what presents every answer.

Its products are of the catalog that a new shop opens with, so that what is sent in an example can be sent.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.invoice.api import InvoiceLink
from chalicelib.order.api import OrderBody, OrdersBody
from chalicelib.order.use_cases.history import HistoryPage, Position
from chalicelib.payment.api import CheckoutBody, OpenedCheckout, PaymentsOfOrder, Received
from chalicelib.product.api import Categories, ProductBody, ProductDetail, ProductsBody, Suggestions

from common.codec import plain
from common.domain.cart import Cart, CartLine
from common.domain.order import Order, OrderEvent, OrderLine, OrderStatus, total_of
from common.domain.payment import Payment, PaymentStatus
from common.errors import (
    FieldError,
    Forbidden,
    Invalid,
    KeyReused,
    NotCancelable,
    NotDeliverable,
    NotFound,
    NotPayable,
    OutOfStock,
    ShopError,
    SignatureRefused,
    Unauthenticated,
    Unavailable,
)
from common.ports.products import ProductFilter, ProductPage
from common.ports.provider import Checkout, ProviderRefused
from common.web.problems import (
    Malformed,
    MethodNotAllowed,
    TimedOut,
    TooLarge,
    TooManyRequests,
    Unexpected,
    UnsupportedMediaType,
)
from local.catalog import products, stock

PLACED = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
PAID = PLACED + timedelta(minutes=2)
ORDER_ID = UUID("019c13f2-9c00-7a5e-8f3b-52a41c7d90e6")
NAME = "7e0c2a34-6f0b-4a52-9a0c-0d6c3f1f7c55"

COFFEE, SHIRT = (p for p in products() if p.product_id in ("coffee-0001", "shirt-0001"))
CART = Cart((CartLine(SHIRT.product_id, 1), CartLine(COFFEE.product_id, 2)))
LINES = (
    OrderLine(COFFEE.product_id, COFFEE.name, 2, COFFEE.price),
    OrderLine(SHIRT.product_id, SHIRT.name, 1, SHIRT.price),
)
ORDER = Order(
    order_id=ORDER_ID,
    customer_id="6f9e1f0e-1c1c-4a3c-9b43-0d3b1f0f5a11",
    customer_name="Zoë Ångström",
    email="zoe@customers.example",
    status=OrderStatus.AWAITING_PAYMENT,
    lines=LINES,
    total=total_of(LINES),
    placed_at=PLACED,
    expires_at=PLACED + timedelta(minutes=30),
    story=(
        OrderEvent(OrderStatus.RESERVING, PLACED, "the customer placed it"),
        OrderEvent(OrderStatus.AWAITING_PAYMENT, PLACED, "the stock was reserved"),
    ),
)
PAYMENT = Payment("pi_3PexampleR2d2", ORDER_ID, PaymentStatus.SUCCEEDED, ORDER.total, PAID)
CHECKOUT = Checkout(
    "cs_test_a1example", "https://checkout.stripe.com/c/pay/cs_test_a1example", ORDER.expires_at
)

STRIPE_EVENT = {
    "id": "evt_1PexampleR2d2",
    "object": "event",
    "type": "checkout.session.completed",
    "created": int(PAID.timestamp()),
    "livemode": False,
    "data": {
        "object": {
            "id": CHECKOUT.checkout_id,
            "object": "checkout.session",
            "payment_intent": PAYMENT.payment_id,
            "payment_status": "paid",
            "amount_total": PAYMENT.amount.amount,
            "currency": PAYMENT.amount.currency.lower(),
            "metadata": {"order_id": str(ORDER_ID)},
        }
    },
}

# What is sent and answered, by its shape.
BODIES: dict[type, Any] = {
    type(body): plain(body)
    for body in (
        CART,
        Categories((COFFEE.category, SHIRT.category)),
        CheckoutBody(ORDER_ID),
        InvoiceLink(
            ORDER_ID, f"https://shop-invoices.s3.amazonaws.com/invoices/{ORDER_ID}.pdf?X-Amz-Expires=300"
        ),
        OpenedCheckout.of(ORDER_ID, CHECKOUT),
        OrderBody.of(ORDER),
        OrdersBody.of(HistoryPage([ORDER], Position(ORDER_ID, ORDER_ID), incomplete=False)),
        PaymentsOfOrder.of(ORDER_ID, [PAYMENT]),
        ProductDetail.with_stock(COFFEE, stock(COFFEE.product_id)),
        ProductsBody.of(ProductPage([COFFEE, SHIRT], SHIRT.product_id), ProductFilter()),
        Received(news=True),
        Suggestions([ProductBody.of(SHIRT)], incomplete=False),
    )
}

# Each kind of problem, as it happens.
PROBLEMS: dict[type[ShopError], ShopError] = {
    type(error): error
    for error in (
        Forbidden("Only operators of the shop may do this."),
        Invalid(
            "Some fields are not as they must be.",
            (FieldError("lines[0].quantity", "must be 1 to 10000"),),
        ),
        KeyReused(),
        Malformed(
            "Some query parameters are not as they must be.", (FieldError("limit", "must be 1 to 100"),)
        ),
        MethodNotAllowed("This address does not know this method."),
        NotCancelable(OrderStatus.DELIVERING),
        NotDeliverable(OrderStatus.AWAITING_PAYMENT),
        NotFound("There is no such order."),
        NotPayable(OrderStatus.CANCELED),
        OutOfStock((COFFEE.product_id,)),
        ProviderRefused("The payment provider refused."),
        SignatureRefused("The signature is more than five minutes old."),
        TimedOut("The shop took too long. What was asked may be done or not."),
        TooLarge("The body is larger than 256 KiB."),
        TooManyRequests("Too many requests came at once."),
        Unauthenticated("Sign in, and send your id token in the Authorization header."),
        Unavailable("The inventory service does not answer. Please try again."),
        Unexpected(),
        UnsupportedMediaType("Send the body as application/json."),
    )
}
