"""A mail server."""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress

from attrs import field

from common.clock import SystemClock
from common.email.message import Envelope, envelope
from common.kinds import service
from common.ports.clock import Clock
from common.ports.mail import Mail, MailRefused, MailUnavailable

_SECONDS = 15
_SUBMISSION = 587
_SUBMISSION_OVER_TLS = 465


@service
class SmtpMailer:
    """`Mailer` of an SMTP server.

    `server` is "host:port", or a host alone for port 587. Port 465 is spoken to by TLS from the start; on
    others TLS is begun where the server offers it. `login` gives user name and password, for servers that
    ask for them: it is called for each mail, and never without TLS.
    """

    server: str
    sender: str
    login: Callable[[], tuple[str, str]] | None = None
    clock: Clock = field(factory=SystemClock)

    def send(self, mail: Mail) -> None:
        sent = envelope(mail, self.sender, self.clock.now())
        try:
            connection = self._connect()
            try:
                _hand_over(connection, sent)
                # The mail is taken by now, whatever becomes of the connection.
                with suppress(smtplib.SMTPException, OSError):
                    connection.quit()
            finally:
                connection.close()
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable("The mail server does not take the mail now. Please try again.") from error

    def _connect(self) -> smtplib.SMTP:
        host, _, port = self.server.partition(":")
        tls = ssl.create_default_context()
        if port == str(_SUBMISSION_OVER_TLS):
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                host, _SUBMISSION_OVER_TLS, timeout=_SECONDS, context=tls
            )
        else:
            connection = smtplib.SMTP(host, int(port or _SUBMISSION), timeout=_SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            is_secret = isinstance(connection, smtplib.SMTP_SSL)
            if not is_secret and connection.has_extn("starttls"):
                connection.starttls(context=tls)
                is_secret = True
            if self.login:
                if not is_secret:
                    raise MailUnavailable("The mail server offers no TLS, and no password is sent without.")
                connection.login(*self.login())
        except BaseException:
            connection.close()
            raise
        return connection


def _hand_over(connection: smtplib.SMTP, sent: Envelope) -> None:
    try:
        connection.send_message(sent.message, sent.sender, [sent.recipient])
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused("The mail server takes ASCII only before the @.", "bad_address") from error
    except smtplib.SMTPRecipientsRefused as error:
        status = max(status for status, _ in error.recipients.values())
        _raise_if_final(status, error)
        raise
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _raise_if_final(error.smtp_code, error)
        raise


def _raise_if_final(status: int, error: Exception) -> None:
    """RFC 5321, section 4.2.1: 5yz is a final no, 4yz may pass."""
    if status >= 500:
        raise MailRefused("The mail server will not take the mail.", str(status)) from error
