"""The invoice service: writes one invoice for each paid order."""

from chalice import Chalice, CognitoUserPoolAuthorizer
from chalicelib.invoice import api
from chalicelib.invoice.wiring import InvoiceWiring

from common.events import PaymentCreated
from common.settings import resource
from common.web.consumers import consumer
from common.web.endpoints import endpoint
from common.web.identity import signed_in
from common.web.requests import order_of_path

app = Chalice(app_name="invoice", configure_logs=False)
customers = CognitoUserPoolAuthorizer("customers", provider_arns=[resource("USER_POOL_ARN")])
shop = InvoiceWiring()


@app.route("/invoices/{order_id}", methods=["GET"], authorizer=customers)
@endpoint(app)
def get_invoice(order_id: str) -> api.InvoiceLink:
    """Show where the invoice of an order can be downloaded

    It is written soon after the order is paid.
    """
    customer = signed_in(app.current_request, shop.tokens)
    wanted = order_of_path(order_id)
    return api.InvoiceLink(wanted, shop.get_invoice(customer, wanted))


@app.on_sqs_message(queue=resource("PAYMENT_QUEUE"), name="on_payment", batch_size=10)
@consumer(app)
def on_payment(message: PaymentCreated) -> None:
    """Write the invoice of the order if it took the payment"""
    shop.write_invoice(message.data)
