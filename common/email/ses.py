"""Amazon SES."""

from functools import cache
from typing import Any

import boto3
from attrs import field, frozen
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from common.aws.errors import code
from common.clock import SystemClock
from common.email.message import envelope
from common.ports.clock import Clock
from common.ports.mail import Mail, MailRefused, MailUnavailable

# https://docs.aws.amazon.com/ses/latest/dg/quotas.html: of a message of the v2 API, after encoding.
LARGEST_MESSAGE = 40 * 1024 * 1024

# What SES says of a mail that it will not take later either. All else, quotas and pauses too, may pass.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_FINAL = {"BadRequestException", "MessageRejected", "MailFromDomainNotVerifiedException", "NotFoundException"}

# Not tried again in here: a mail whose answer was lost may have been sent, so the caller decides.
_CONFIG = Config(connect_timeout=2, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1})


@cache
def _ses() -> Any:
    return boto3.client("sesv2", config=_CONFIG)


@frozen
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
        try:
            _ses().send_email(
                FromEmailAddress=sent.sender,
                Destination={"ToAddresses": [sent.recipient]},
                Content={"Raw": {"Data": raw}},
            )
        except ClientError as error:
            if code(error) in _FINAL:
                raise MailRefused("SES will not take the mail.", code(error)) from error
            raise MailUnavailable("SES does not take the mail now. Please try again.") from error
        except BotoCoreError as error:
            raise MailUnavailable("SES does not answer. Please try again.") from error
