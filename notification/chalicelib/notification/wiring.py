"""Which adapter stands behind each port of the notification service."""

from functools import cached_property

from chalicelib.notification import use_cases
from chalicelib.notification.settings import NotificationSettings
from chalicelib.notification.use_cases.markers import Markers

from common.aws.bucket import S3Bucket
from common.aws.services.orders import OrderService
from common.ports.mail import Mailer
from common.ports.objects import ObjectStore
from common.ports.services.orders import Orders
from common.settings import load
from common.wiring import Wiring


class NotificationWiring(Wiring):
    @cached_property
    def settings(self) -> NotificationSettings:
        return load(NotificationSettings)

    @cached_property
    def objects(self) -> ObjectStore:
        return S3Bucket(self.settings.invoice_bucket)

    @cached_property
    def markers(self) -> Markers:
        return Markers(self.objects)

    @cached_property
    def orders(self) -> Orders:
        return OrderService(self.functions)

    @cached_property
    def mailer(self) -> Mailer:
        settings = self.settings
        if settings.mail_server:
            from common.email.smtp import SmtpMailer

            return SmtpMailer(settings.mail_server, settings.mail_sender)
        from common.email.ses import SesMailer

        return SesMailer(settings.mail_sender)

    @cached_property
    def mail_invoice(self) -> use_cases.MailInvoice:
        return use_cases.MailInvoice(self.objects, self.markers, self.orders, self.mailer, self.clock)

    @cached_property
    def resend_mails(self) -> use_cases.ResendMails:
        return use_cases.ResendMails(self.mail_invoice, self.markers)

    @cached_property
    def note_mail_event(self) -> use_cases.NoteMailEvent:
        return use_cases.NoteMailEvent(self.markers, self.clock)
