"""Markers: small objects that say how far the mail of an invoice has come.

    due       written by the invoice service before the invoice itself: the mail must go out; while somebody
              is sending it, it says since when
    sent      the mail service took it
    refused   the mail service will never take it
    bounced   the customer's mail server gave it back, or the customer complained

Whoever sends the mail claims it by replacing `due`, writes `sent` or `refused`, and only then removes `due`.
So a mail may go out twice only where its sender dies, or hears nothing, between the mail service's yes and
`sent`; and what was not finished is found by its `due`.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from common.domain.invoice import MAILS, MAILS_DUE, mail_due_key
from common.kinds import service
from common.ports.objects import ObjectStore

# Longer than the function may run: whoever claimed a mail longer ago is dead.
LEASE = timedelta(minutes=2)


class Outcome(StrEnum):
    SENT = "sent"
    REFUSED = "refused"
    BOUNCED = "bounced"


@service
class Markers:
    objects: ObjectStore

    def claim(self, order_id: UUID, now: datetime) -> bool:
        """Whether the mail of this order is the caller's to send: due, and claimed by nobody alive."""
        due = self.objects.get(mail_due_key(order_id))
        if due is None or (due.body and datetime.fromisoformat(due.body.decode()) > now - LEASE):
            return False
        return self.objects.replace(mail_due_key(order_id), _text(now), "text/plain", due.version)

    def settle(self, order_id: UUID) -> None:
        """Ends it: the mail is due no longer."""
        self.objects.remove(mail_due_key(order_id))

    def due(self) -> Iterator[UUID]:
        """The orders whose mails are due, or being sent; other objects that lie there are passed over."""
        for key in self.objects.keys(MAILS_DUE):
            with suppress(ValueError):
                yield UUID(key.removeprefix(MAILS_DUE))

    def is_done(self, order_id: UUID) -> bool:
        """Whether the mail was sent, or refused for good."""
        return any(
            self.objects.get(_key(order_id, outcome)) is not None
            for outcome in (Outcome.SENT, Outcome.REFUSED)
        )

    def note(self, order_id: UUID, outcome: Outcome, now: datetime) -> None:
        """Notes an outcome; the first note of each stands."""
        self.objects.add(_key(order_id, outcome), _text(now), "text/plain")


def _key(order_id: UUID, outcome: Outcome) -> str:
    return f"{MAILS}{outcome}/{order_id}"


def _text(moment: datetime) -> bytes:
    return moment.isoformat().encode()
