"""The notification service: mails each invoice to its customer, once."""

from chalice import Chalice, Rate
from chalice.app import CloudWatchEvent, S3Event, SNSEvent
from chalicelib.notification.api import mail_event
from chalicelib.notification.wiring import NotificationWiring

from common.domain.invoice import PREFIX, order_of_key
from common.settings import resource
from common.web.functions import triggered

app = Chalice(app_name="notification", configure_logs=False)
shop = NotificationWiring()


@app.on_s3_event(
    bucket=resource("INVOICE_BUCKET"), events=["s3:ObjectCreated:*"], prefix=PREFIX, name="on_invoice"
)
@triggered(app)
def on_invoice(event: S3Event) -> bool:
    return shop.mail_invoice(order_of_key(event.key))


@app.on_sns_message(topic=resource("MAIL_EVENTS_TOPIC"), name="on_mail_event")
@triggered(app)
def on_mail_event(event: SNSEvent) -> bool:
    told = mail_event(event.message)
    return shop.note_mail_event(told.kind, told.order_id)


@app.schedule(Rate(1, unit=Rate.MINUTES), name="resend_mails")
@triggered(app)
def resend_mails(event: CloudWatchEvent) -> int:
    return shop.resend_mails()
