"""Mail to customers."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field

from common.errors import Refused, Unavailable
from common.kinds import value


class MailUnavailable(Unavailable):
    """The mail service takes no mail now, or its answer was lost. The same mail may be sent again."""


class MailRefused(Refused):
    """The mail will never be taken as it is: its address, its sender or its size is wrong."""


@value
class Attachment:
    """A file that goes with a mail: the name to save it under, its media type, and what is in it."""

    file_name: str
    content_type: str
    body: bytes


@value
class Mail:
    """One mail to one address, in plain text.

    `headers` are further ones, whose names begin with "X-". Equal mails carry the same Message-ID and
    X-Entity-Ref-ID, so that whoever receives one twice can tell.
    """

    to: str
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(factory=dict)


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Hands the mail to the mail service. It may still bounce later.

        Raises `MailRefused`, where no other try will help, or `MailUnavailable`.
        """
        ...
