"""Corrections of SES: mail that can be read, by those whom it is for."""

import base64
import binascii
import json
import logging
import re
from pathlib import Path
from typing import Any

from local.emulator.settings import Settings, service, wrap


def raw_mail(settings: Settings) -> None:
    """Keep each raw mail, as it was sent, as MESSAGE-ID.eml in the mail folder.

    MiniStack counts mails and lists their texts, but keeps no attachment. A mail is on disk before its
    sender is told so.
    """

    def make_v1(original: Any) -> Any:
        def send(parameters: Any) -> Any:
            status, headers, body = original(parameters)
            if status == 200:
                text = body.decode() if isinstance(body, bytes) else body
                found = re.search("<MessageId>(.+?)</MessageId>", text)
                data = service("ses")._p(parameters, "RawMessage.Data")
                if found:
                    keep(settings.mail, found[1], _decode(data))
            return status, headers, body

        return send

    def make_v2(original: Any) -> Any:
        async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            response = await original(method, path, headers, body, query)
            is_send = method == "POST" and path.rstrip("/").endswith("/outbound-emails")
            if is_send and response[0] == 200:
                raw = (json.loads(body).get("Content") or {}).get("Raw")
                if raw:
                    keep(settings.mail, json.loads(response[2])["MessageId"], _decode(raw["Data"]))
            return response

        return handle_request

    wrap(service("ses"), "_send_raw_email", make_v1)
    wrap(service("ses_v2"), "handle_request", make_v2)


def quiet_log(_: Settings) -> None:
    """Keep the addresses of customers out of the log, where MiniStack writes one with each mail."""
    for name in ("ses", "ses_v2"):
        service(name).logger.setLevel(logging.WARNING)


def _decode(data: str) -> bytes:
    try:
        return base64.b64decode(data)
    except binascii.Error:
        return data.encode()


def keep(folder: Path, message_id: str, raw: bytes) -> None:
    """Put a mail into the folder, whole or not at all, as MESSAGE-ID.eml."""
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9-]", "_", message_id.split("@")[0])
    new = folder / f"{name}.new"
    new.write_bytes(raw)
    new.rename(folder / f"{name}.eml")
