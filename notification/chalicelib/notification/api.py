"""The shapes of what the notification service is told."""

import json
from uuid import UUID

from chalicelib.notification.use_cases.mail_invoice import ORDER_HEADER

from common.codec import read
from common.errors import Invalid
from common.kinds import value


@value
class MailHeader:
    name: str
    value: str


@value
class SentMail:
    """The mail that an event is about. Headers are there if SES was told to include them."""

    headers: tuple[MailHeader, ...] = ()


@value
class MailEvent:
    """What SES tells of a mail: by a notification (`notificationType`) or an event (`eventType`).

    https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
    """

    mail: SentMail
    notificationType: str = ""  # noqa: N815
    eventType: str = ""  # noqa: N815

    @property
    def kind(self) -> str:
        return self.notificationType or self.eventType

    @property
    def order_id(self) -> UUID | None:
        found = [header.value for header in self.mail.headers if header.name == ORDER_HEADER]
        return UUID(found[0]) if found else None


def mail_event(message: str) -> MailEvent:
    """Reads the text of a message. Raises `Invalid` where it is none of SES's."""
    try:
        return read(json.loads(message), MailEvent)
    except ValueError as error:
        raise Invalid("The message is not JSON.") from error
