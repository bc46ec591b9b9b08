"""What every mailer does: one in memory, SES by moto or LocalStack, and SMTP against a server here."""

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from attrs import define, field, frozen
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.ses.models import ses_backends

from common.aws.clients import client
from common.email.memory import MemoryMailer
from common.email.ses import SesMailer
from common.email.smtp import SmtpMailer
from common.ports.mail import Attachment, Mail, Mailer, MailRefused, MailUnavailable
from tests.localstacks import LocalStack

SENDER = "Harbour & Hill <shop@example.com>"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REFUSED = "nobody@example.org"
PDF = bytes(range(256)) * 40


@frozen
class FixedClock:
    def now(self) -> datetime:
        return NOW


# To whom, and what.
Arrived = tuple[list[str], EmailMessage]


@frozen
class Service:
    """A mailer, and what arrived behind it: each (recipients, message)."""

    mailer: Mailer
    arrived: Callable[[], list[Arrived]]


def read(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _addressed(message: EmailMessage) -> Arrived:
    """LocalStack does not tell to whom else it would have sent it."""
    return [address.addr_spec for address in message["To"].addresses], message


@define
class Inbox:
    """Handles an SMTP server's mails; says no to `answers`, by recipient."""

    answers: dict[str, str] = field(factory=dict)
    taken: list[tuple[list[str], EmailMessage]] = field(factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append((list(envelope.rcpt_tos), read(envelope.content)))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def inbox() -> Inbox:
    return Inbox({REFUSED: "550 no such user", "busy@example.org": "450 try again"})


@pytest.fixture
def smtp_server(inbox: Inbox) -> Iterator[str]:
    """A mail server without SMTPUTF8, as many are."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=False)
    controller.start()
    yield f"127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Leads calls of AWS to an address, by a client made anew."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)

    def lead(address: str) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        client.cache_clear()

    yield lead
    client.cache_clear()


@pytest.fixture
def sent(aws: None, localstack: LocalStack | None) -> Iterator[Callable[[], list[Arrived]]]:
    """Gives what SES has sent, which has the sender verified: moto's, or LocalStack's."""
    if localstack and localstack.home is None:
        pytest.skip("LocalStack's image has no SES v2")
    boto3.client("sesv2").create_email_identity(EmailIdentity="shop@example.com")
    if localstack:
        before = len(localstack.mails)
        yield lambda: [_addressed(read(file.read_bytes())) for file in localstack.mails[before:]]
    else:
        backend = ses_backends[ACCOUNT]["us-east-1"]
        yield lambda: [
            (sorted(set(sent.destinations)), read(sent.raw_data.encode())) for sent in backend.sent_messages
        ]


@pytest.fixture(params=["memory", "ses", "smtp"])
def service(request: pytest.FixtureRequest) -> Service:
    clock = FixedClock()
    if request.param == "memory":
        memory = MemoryMailer(SENDER, clock)
        return Service(
            memory,
            lambda: [([mail.to], read(raw)) for mail, raw in zip(memory.mails, memory.messages, strict=True)],
        )
    if request.param == "ses":
        return Service(SesMailer(SENDER, clock), request.getfixturevalue("sent"))
    inbox = request.getfixturevalue("inbox")
    return Service(
        SmtpMailer(request.getfixturevalue("smtp_server"), SENDER, clock=clock), lambda: list(inbox.taken)
    )


def mail(
    to: str = "ann@example.org", subject: str = "Your invoice INV-1", text: str = "Hello,\n\nthank you.\n"
) -> Mail:
    attachment = Attachment("INV-1.pdf", "application/pdf", PDF)
    return Mail(to, subject, text, (attachment,), {"X-Shop-Order": "0193a7c2"})


def only(service: Service) -> EmailMessage:
    [(_, message)] = service.arrived()
    return message


def test_a_mail_arrives_whole(service: Service) -> None:
    """Addresses, subject, text, date, further headers and the attachment's every byte arrive."""
    service.mailer.send(mail())

    [(recipients, message)] = service.arrived()
    assert recipients == ["ann@example.org"]
    assert message["From"] == '"Harbour & Hill" <shop@example.com>' or message["From"] == SENDER
    assert message["To"] == "ann@example.org"
    assert message["Subject"] == "Your invoice INV-1"
    assert message["Date"].datetime == NOW
    assert message["X-Shop-Order"] == "0193a7c2"
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "Hello,\n\nthank you.\n"
    [pdf] = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("INV-1.pdf", "application/pdf")
    assert pdf.get_content() == PDF


def test_any_language(service: Service) -> None:
    """Subject, text and file name may be in any script, however long."""
    subject = "Ваш счёт, hóa đơn của bạn, 請求書 " * 5
    text = "Καλημέρα 👋\n" + "é" * 3000
    service.mailer.send(
        Mail("ann@example.org", subject, text, (Attachment("счёт № 1.pdf", "application/pdf", b"x"),))
    )

    message = only(service)
    assert message["Subject"] == subject.strip()
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip() == text
    assert [part.get_filename() for part in message.iter_attachments()] == ["счёт № 1.pdf"]


def test_an_international_domain_is_written_as_the_dns_knows_it(service: Service) -> None:
    """By IDNA 2008, which keeps the ß that IDNA 2003 would turn into another domain."""
    service.mailer.send(mail(to="ann@straße.example"))
    assert only(service)["To"] == "ann@xn--strae-oqa.example"


@pytest.mark.parametrize(
    "text",
    ["Hi\r\nBcc: eve@example.net", "Hi\nX: y\n\nbody", "Hi\rBcc: eve@example.net", "Hi\x00\x0b\x85there"],
)
def test_no_text_can_become_a_header(service: Service, text: str) -> None:
    """Line breaks in a subject, a header or a file name are only spaces."""
    attachment = Attachment(text, "application/pdf", b"x")
    service.mailer.send(Mail("ann@example.org", text, "Hello", (attachment,), {"X-Note": text}))

    [(recipients, message)] = service.arrived()
    shown = " ".join(text.replace("\x00", " ").split())
    assert recipients == ["ann@example.org"]
    assert (message["Subject"], message["X-Note"]) == (shown, shown)
    assert message["Bcc"] is None
    assert message["X"] is None


@pytest.mark.parametrize(
    "address",
    [
        *("", "ann", "@example.org", "ann@", "ann@@example.org", "ann@example..org", "a b@example.org"),
        *(
            "ann@example.org, eve@example.net",
            "ann@example.org\r\nBcc: eve@example.net",
            "Ann <ann@example.org>",
        ),
        *("ann@example.org\n", "ann@exam\x00ple.org", "<ann@example.org>", "ann\u202e@example.org"),
        *(f"{'a' * 250}@example.org", "ann@" + "ü" * 64 + ".org", "ann@\ud800.org", "jörg@example.org"),
    ],
)
def test_what_is_not_one_address_is_refused(service: Service, address: str) -> None:
    """A mail goes to one address or nowhere; no second try would help."""
    with pytest.raises(MailRefused):
        service.mailer.send(mail(to=address))
    assert service.arrived() == []


def test_equal_mails_can_be_told(service: Service) -> None:
    """A mail sent again has the Message-ID and reference that it had, and another mail has others."""
    for sent in (mail(), mail(), mail(text="Hello again")):
        service.mailer.send(sent)

    first, again, other = (message for _, message in service.arrived())
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["X-Entity-Ref-ID"] == again["X-Entity-Ref-ID"] != other["X-Entity-Ref-ID"]
    assert first["Message-ID"].endswith("@example.com>")


@pytest.mark.parametrize("name", ["Bcc", "To", "X-Note: a\r\nBcc", "X-Ä", "Content-Type", ""])
def test_only_further_headers_can_be_added(service: Service, name: str) -> None:
    """A header that decides where a mail goes, or what it is, cannot be given: that is a mistake to mend."""
    with pytest.raises(ValueError, match="header"):
        service.mailer.send(Mail("ann@example.org", "Hi", "Hello", headers={name: "eve@example.net"}))
    assert service.arrived() == []


@pytest.mark.parametrize("sender", ["", "shop", "a@example.com, b@example.com"])
def test_the_sender_is_one_address(sender: str) -> None:
    """A sender that is set wrong is told with a sentence about the sender."""
    with pytest.raises(ValueError, match="sender"):
        MemoryMailer(sender).send(mail())


def test_memory_refuses_and_fails_on_wish() -> None:
    """The mailer for tests fails in both ways that the others have."""
    mailer = MemoryMailer(refused={REFUSED})
    with pytest.raises(MailRefused):
        mailer.send(mail(to=REFUSED))
    mailer.is_down = True
    with pytest.raises(MailUnavailable):
        mailer.send(mail())
    assert mailer.mails == []


@pytest.mark.usefixtures("sent")
def test_ses_refuses_an_unverified_sender() -> None:
    """SES sends for identities that are verified; trying again does not verify one."""
    with pytest.raises(MailRefused) as refused:
        SesMailer("other@example.net").send(mail())
    assert refused.value.reason == "MessageRejected"


@pytest.mark.usefixtures("sent")
def test_ses_refuses_what_is_too_large() -> None:
    """More than 40 MB is refused before it travels."""
    large = Attachment("large.pdf", "application/pdf", bytes(31 * 1024 * 1024))
    with pytest.raises(MailRefused) as refused:
        SesMailer(SENDER).send(Mail("ann@example.org", "Hi", "Hello", (large,)))
    assert refused.value.reason == "too_large"


@define
class FailingSes:
    """Answers every call of SES with one error, and counts the calls."""

    status: int
    error: str
    calls: list[bytes] = field(factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        failing = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                failing.calls.append(b64decode(json.loads(body)["Content"]["Raw"]["Data"]))
                answer = json.dumps({"message": "no"}).encode()
                self.send_response(failing.status)
                self.send_header("x-amzn-ErrorType", failing.error)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Says nothing: the test does."""

        return Handler


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        (400, "MessageRejected", MailRefused),
        (400, "BadRequestException", MailRefused),
        (400, "MailFromDomainNotVerifiedException", MailRefused),
        (429, "TooManyRequestsException", MailUnavailable),
        (400, "LimitExceededException", MailUnavailable),
        (400, "SendingPausedException", MailUnavailable),
        (500, "InternalServiceError", MailUnavailable),
    ],
)
def test_what_ses_says_is_final_or_passes(
    lead: Callable[[str], None], status: int, error: str, raised: type[Exception]
) -> None:
    """Each error of SES becomes one of the port's, after one call: a second could be a second mail."""
    failing = FailingSes(status, error)
    server = ThreadingHTTPServer(("127.0.0.1", 0), failing.handler())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        lead(f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(raised) as told:
            SesMailer(SENDER).send(mail())
    finally:
        server.shutdown()
        server.server_close()
    assert len(failing.calls) == 1
    assert "ann@" not in str(told.value)


def test_ses_that_does_not_answer_is_unavailable(lead: Callable[[str], None]) -> None:
    """Nobody listens there: the mail may be sent again."""
    lead(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(MailUnavailable):
        SesMailer(SENDER).send(mail())


@pytest.mark.parametrize(("to", "raised"), [(REFUSED, MailRefused), ("busy@example.org", MailUnavailable)])
def test_what_a_mail_server_says_is_final_or_passes(
    smtp_server: str, inbox: Inbox, to: str, raised: type[Exception]
) -> None:
    """5yz never will work, 4yz may later."""
    with pytest.raises(raised):
        SmtpMailer(smtp_server, SENDER).send(mail(to=to))
    assert inbox.taken == []


def test_a_mail_server_that_does_not_answer_is_unavailable() -> None:
    """Nobody listens there: the mail may be sent again."""
    with pytest.raises(MailUnavailable):
        SmtpMailer(f"127.0.0.1:{free_port()}", SENDER).send(mail())


def test_no_password_is_sent_in_the_clear(smtp_server: str, inbox: Inbox) -> None:
    """A server that offers no TLS gets no password, and no mail."""
    asked = []

    def login() -> tuple[str, str]:
        asked.append(1)
        return "shop", "secret"

    with pytest.raises(MailUnavailable, match="TLS"):
        SmtpMailer(smtp_server, SENDER, login).send(mail())
    assert (asked, inbox.taken) == ([], [])


def test_a_server_that_knows_smtputf8_takes_any_address(inbox: Inbox) -> None:
    """Letters beyond ASCII before the @ pass where the server can take them."""
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    controller.start()
    try:
        SmtpMailer(f"127.0.0.1:{controller.port}", SENDER).send(mail(to="jörg@example.org"))
    finally:
        controller.stop()
    assert [recipients for recipients, _ in inbox.taken] == [["jörg@example.org"]]
