"""Mail that is kept where it was sent from: for tests, and for trying the shop out."""

from attrs import field

from common.clock import SystemClock
from common.email.message import envelope
from common.kinds import service
from common.ports.clock import Clock
from common.ports.mail import Mail, MailRefused, MailUnavailable


@service
class MemoryMailer:
    """`Mailer` that keeps what it was given: `mails` as they were, `messages` as the bytes that travel.

    Mails to an address in `refused` will never be taken; while `is_down` none is.
    """

    sender: str = "Shop <shop@example.com>"
    clock: Clock = field(factory=SystemClock)
    refused: set[str] = field(factory=set)
    is_down: bool = False
    mails: list[Mail] = field(factory=list)
    messages: list[bytes] = field(factory=list)

    def send(self, mail: Mail) -> None:
        sent = envelope(mail, self.sender, self.clock.now())
        if self.is_down:
            raise MailUnavailable("There is no mail service now. Please try again.")
        if sent.recipient in self.refused:
            raise MailRefused("The mail service will not take the mail.", "refused")
        if sent.is_international:
            raise MailRefused("Only ASCII is taken before the @.", "bad_address")
        self.mails.append(mail)
        self.messages.append(sent.message.as_bytes())
