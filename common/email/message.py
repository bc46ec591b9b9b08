"""A mail as the bytes that travel (RFC 5322, MIME): the same for every mail service."""

import re
import unicodedata
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

import idna

from common.kinds import value
from common.ports.mail import Mail, MailRefused

_EXTENSION_HEADER = re.compile(r"X-[A-Za-z0-9-]+")
_INTERNATIONAL_USER = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")

# RFC 5321, section 4.5.3.1.3, leaves 254 characters between the angle brackets.
_LONGEST_ADDRESS = 254

# Lines of seven-bit text pass through every server unchanged.
_POLICY = policy.SMTP.clone(cte_type="7bit")


@value
class Envelope:
    """A message with the two addresses that it travels between; their domains are in ASCII."""

    sender: str
    recipient: str
    message: EmailMessage

    @property
    def is_international(self) -> bool:
        """Whether the part before an @ needs a server that knows SMTPUTF8 (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()


def envelope(mail: Mail, sender: str, at: datetime) -> Envelope:
    """The mail, written at `at`, from `sender`: an address, or a name with an address in angle brackets.

    Nothing in the mail can add a header or a recipient: control characters in the subject, a header or a
    file name become spaces. Raises `MailRefused` where `mail.to` is not exactly one address, and
    `ValueError` where the program is wrong: about `sender`, a header's name, a content type.
    """
    origin = _sender(sender)
    recipient = _address(mail.to)
    message = EmailMessage(policy=_POLICY)
    message["From"] = origin
    message["To"] = recipient
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(at)
    identity = _identity(mail)
    message["Message-ID"] = f"<{identity}@{origin.domain}>"
    message["X-Entity-Ref-ID"] = identity
    for name, text in mail.headers.items():
        if not _EXTENSION_HEADER.fullmatch(name):
            raise ValueError(f'A further header of a mail is named "X-..." in ASCII, not {name!r}.')
        message[name] = _one_line(text)
    message.set_content(_encodable(mail.text))
    for attachment in mail.attachments:
        if not _MEDIA_TYPE.fullmatch(attachment.content_type):
            raise ValueError(f'A content type is like "application/pdf", not {attachment.content_type!r}.')
        kind, _, subtype = attachment.content_type.partition("/")
        name = _one_line(attachment.file_name)
        message.add_attachment(attachment.body, maintype=kind, subtype=subtype, filename=name)
    return Envelope(origin.addr_spec, recipient.addr_spec, message)


def _sender(text: str) -> Address:
    parsed = EmailMessage(policy=_POLICY)
    parsed["From"] = text
    header = parsed["From"]
    if len(header.addresses) != 1 or header.defects:
        raise ValueError('The sender of mails is one address, such as "Shop <shop@example.com>".')
    address: Address = header.addresses[0]
    return Address(address.display_name, address.username, _ascii_domain(address.domain))


def _address(text: str) -> Address:
    """Exactly one address, without a name or comments (RFC 5321, and RFC 6531 for letters beyond ASCII)."""
    refused = MailRefused("The mail's address is not an address.", "bad_address")
    user, _, domain = text.rpartition("@")
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise refused
    if not user.isascii() and not _INTERNATIONAL_USER.fullmatch(user):
        raise refused
    try:
        # Python reads ASCII only.
        parsed = Address(addr_spec=f"{user if user.isascii() else 'x'}@{_ascii_domain(domain)}")
    except (ValueError, IndexError, MessageError) as error:
        raise refused from error
    address = parsed if user.isascii() else Address(username=user, domain=parsed.domain)
    if not address.username or len(address.addr_spec.encode()) > _LONGEST_ADDRESS:
        raise refused
    return address


def _ascii_domain(domain: str) -> str:
    """The domain as the DNS knows it (IDNA 2008): Python's own codec still is IDNA 2003."""
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode()


def _one_line(text: str) -> str:
    """The text without line breaks and control characters, which could end a header."""
    spaced = (" " if unicodedata.category(character) == "Cc" else character for character in text)
    return _encodable(" ".join("".join(spaced).split()))


def _encodable(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which no encoding has."""
    return text.encode("utf-8", "replace").decode()


def _identity(mail: Mail) -> str:
    """A name of the mail that depends on nothing but the mail."""
    digest = sha256()
    parts = [mail.to, mail.subject, mail.text, *(text for item in mail.headers.items() for text in item)]
    for attachment in mail.attachments:
        parts += [attachment.file_name, attachment.content_type, sha256(attachment.body).hexdigest()]
    for part in parts:
        # The length keeps two parts from being taken for others with the same letters.
        digest.update(f"{len(part)}:".encode() + part.encode("utf-8", "replace"))
    return digest.hexdigest()[:32]
