"""The mails that the shop has sent, as a page for people and as JSON for programs."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from html import escape
from pathlib import Path
from urllib.parse import quote

from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.pages import HEADERS, page

NEWEST = 500


@frozen
class Mail:
    """A sent mail, and the name that it has here."""

    id: str
    message: EmailMessage
    sent_at: datetime

    def header(self, name: str) -> str:
        """The header's text, or "" if there is none, or none that can be read."""
        try:
            return str(self.message[name] or "")
        except (ValueError, IndexError, AttributeError):
            return ""

    @property
    def recipients(self) -> Sequence[str]:
        """The addresses that it was sent to."""
        try:
            addresses: Sequence[Address] = self.message["to"].addresses
        except (ValueError, IndexError, AttributeError):
            return [self.header("to")]
        return [address.addr_spec for address in addresses]

    @property
    def attachments(self) -> Sequence[EmailMessage]:
        return list(self.message.iter_attachments())

    @property
    def text(self) -> str:
        """What it says, without attachments."""
        body = self.message.get_body(("plain", "html"))
        return str(body.get_content()) if body else ""


def routes(folder: Path) -> list[Route]:
    """The routes below /mailbox; the mails are the .eml files of the folder."""

    def listing(_: Request) -> Response:
        items = [_item(mail) for mail in _mails(folder)]
        shown = "".join(items) or "<li>No mail has been sent yet.</li>"
        return page("Mailbox", f"<h1>Mailbox</h1><ul>{shown}</ul>")

    def one(request: Request) -> Response:
        mail = _mail(folder, request.path_params["id"])
        return page(
            mail.header("subject"),
            f'<p><a href="/mailbox">Mailbox</a></p><h1>{escape(mail.header("subject"))}</h1>'
            f"<p>From {escape(mail.header('from'))}<br>To {escape(mail.header('to'))}<br>"
            f"<time>{mail.sent_at:%d %B %Y %H:%M:%S} UTC</time></p>"
            f"<pre>{escape(mail.text)}</pre><p>{_links(mail)}</p>",
        )

    def messages(_: Request) -> Response:
        return JSONResponse([_summary(mail) for mail in _mails(folder)], headers=HEADERS)

    def raw(request: Request) -> Response:
        file = _file(folder, request.path_params["id"])
        return Response(file.read_bytes(), media_type="message/rfc822", headers=HEADERS)

    def attachment(request: Request) -> Response:
        mail = _mail(folder, request.path_params["id"])
        attachments = mail.attachments
        number = request.path_params["number"]
        if number >= len(attachments):
            raise HTTPException(404, "This mail has no such attachment.")
        part = attachments[number]
        content = part.get_payload(decode=True)
        name = quote(part.get_filename() or f"attachment-{number}", safe="")
        return Response(
            content if isinstance(content, bytes) else part.as_bytes(),
            media_type=part.get_content_type(),
            headers={**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
        )

    return [
        Route("/mailbox", listing),
        Route("/mailbox/messages", messages),
        Route("/mailbox/messages/{id}", raw),
        Route("/mailbox/messages/{id}/attachments/{number:int}", attachment),
        Route("/mailbox/{id}", one),
    ]


def _summary(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id,
        "from": mail.header("from"),
        "to": mail.recipients,
        "subject": mail.header("subject"),
        "date": mail.sent_at.isoformat(timespec="seconds"),
        "attachments": [
            {"name": part.get_filename() or "", "content_type": part.get_content_type()}
            for part in mail.attachments
        ],
    }


def _item(mail: Mail) -> str:
    subject = escape(mail.header("subject") or "(no subject)")
    return (
        f'<li><a href="/mailbox/{quote(mail.id)}">{subject}</a> to {escape(", ".join(mail.recipients))}<br>'
        f"<time>{mail.sent_at:%d %B %Y %H:%M:%S} UTC</time> {_links(mail)}</li>"
    )


def _links(mail: Mail) -> str:
    base = f"/mailbox/messages/{quote(mail.id)}"
    links = [
        f'<a href="{base}/attachments/{number}">{escape(part.get_filename() or f"attachment {number}")}</a>'
        for number, part in enumerate(mail.attachments)
    ]
    return " ".join([*links, f'<a href="{base}">source</a>'])


def _mails(folder: Path) -> list[Mail]:
    """The newest mails, the newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:NEWEST]]


def _mail(folder: Path, mail_id: str) -> Mail:
    return _read(_file(folder, mail_id))


def _read(file: Path) -> Mail:
    message = BytesParser(EmailMessage, policy=default).parsebytes(file.read_bytes())
    return Mail(file.stem, message, datetime.fromtimestamp(file.stat().st_mtime, UTC))


def _file(folder: Path, mail_id: str) -> Path:
    file = folder / f"{mail_id}.eml"
    if not re.fullmatch("[A-Za-z0-9_-]+", mail_id) or not file.is_file():
        raise HTTPException(404, "There is no such mail.")
    return file
