"""Markers: small objects that say how far the mail of an invoice has come.

    claimed   somebody is sending it, since then; a claim that is older than its lease may be taken over
    sent      the mail service took it
    refused   the mail service will never take it
    bounced   the customer's mail server gave it back, or the customer complained

A claim is written before the mail is sent and removed after `sent` or `refused` is there. So a mail may go
out twice only where the process dies between the mail service's yes and `sent`, and what was not finished
is found by its claim.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from common.ports.objects import ObjectStore

# Longer than the function may run: whoever holds an older claim is dead.
LEASE = timedelta(minutes=2)

_PREFIX = "mails"


class Outcome(StrEnum):
    SENT = "sent"
    REFUSED = "refused"
    BOUNCED = "bounced"


@frozen
class Markers:
    objects: ObjectStore

    def claim(self, order_id: UUID, now: datetime) -> bool:
        """Whether the mail of this order is the caller's to send: unclaimed, or left by somebody dead."""
        key = _claim_key(order_id)
        if self.objects.add(key, _text(now), "text/plain"):
            return True
        claim = self.objects.get(key)
        if claim is None or datetime.fromisoformat(claim.body.decode()) > now - LEASE:
            return False
        return self.objects.replace(key, _text(now), "text/plain", claim.version)

    def unclaim(self, order_id: UUID) -> None:
        """Ends the claim."""
        self.objects.remove(_claim_key(order_id))

    def claimed(self) -> Iterator[UUID]:
        """The orders whose mails are being sent, or were left half-way."""
        prefix = f"{_PREFIX}/claimed/"
        return (UUID(key.removeprefix(prefix)) for key in self.objects.keys(prefix))

    def is_done(self, order_id: UUID) -> bool:
        """Whether the mail was sent, or refused for good."""
        return any(
            self.objects.get(_outcome_key(order_id, outcome)) is not None
            for outcome in (Outcome.SENT, Outcome.REFUSED)
        )

    def note(self, order_id: UUID, outcome: Outcome, now: datetime) -> None:
        """Notes an outcome; the first note of each stands."""
        self.objects.add(_outcome_key(order_id, outcome), _text(now), "text/plain")


def _claim_key(order_id: UUID) -> str:
    return f"{_PREFIX}/claimed/{order_id}"


def _outcome_key(order_id: UUID, outcome: Outcome) -> str:
    return f"{_PREFIX}/{outcome}/{order_id}"


def _text(moment: datetime) -> bytes:
    return moment.isoformat().encode()
