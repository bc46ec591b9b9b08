"""What a deployment decides for the notification service: one field a variable of the environment."""

from common.kinds import value


@value(kw_only=True)
class NotificationSettings:
    shop_stage: str
    """The stage, a part of every function's name."""
    invoice_bucket: str
    """The bucket of the PDFs."""
    mail_sender: str
    """The address that mails come from."""
    mail_server: str = ""
    """host:port of an SMTP server; empty for SES."""
