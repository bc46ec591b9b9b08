"""Amazon SES."""

from base64 import b64encode

from attrs import field

from common.aws.clients import CallFailed, client
from common.clock import SystemClock
from common.codec import write
from common.email.message import envelope
from common.kinds import service
from common.ports.clock import Clock
from common.ports.mail import Mail, MailRefused, MailUnavailable

# https://docs.aws.amazon.com/ses/latest/dg/quotas.html: of a message of the v2 API, after encoding.
LARGEST_MESSAGE = 40 * 1024 * 1024

# What SES says of a mail that it will not take later either. All else, quotas and pauses too, may pass.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_FINAL = {"BadRequestException", "MessageRejected", "MailFromDomainNotVerifiedException", "NotFoundException"}

_HEADERS = {"content-type": "application/json"}


@service
class SesMailer:
    """`Mailer` of Amazon SES. `sender` is verified there."""

    sender: str
    clock: Clock = field(factory=SystemClock)

    def send(self, mail: Mail) -> None:
        sent = envelope(mail, self.sender, self.clock.now())
        if sent.is_international:
            raise MailRefused("SES takes no address with other than ASCII before the @.", "bad_address")
        raw = sent.message.as_bytes()
        if len(raw) > LARGEST_MESSAGE:
            raise MailRefused("SES takes no mail of more than 40 MB.", "too_large")
        asked = {
            "FromEmailAddress": sent.sender,
            "Destination": {"ToAddresses": [sent.recipient]},
            "Content": {"Raw": {"Data": b64encode(raw).decode()}},
        }
        try:
            client("ses").send(
                "SendEmail", "POST", "/v2/email/outbound-emails", headers=_HEADERS, body=write(asked).encode()
            )
        except CallFailed as error:
            if error.code in _FINAL:
                raise MailRefused("SES will not take the mail.", error.code) from error
            raise MailUnavailable("SES does not take the mail now. Please try again.") from error
