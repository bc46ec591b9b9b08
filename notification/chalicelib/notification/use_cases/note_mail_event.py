"""The mail service tells what became of a mail."""

from uuid import UUID

from chalicelib.notification.use_cases.markers import Markers, Outcome

from common.kinds import service
from common.logging import logger
from common.ports.clock import Clock


@service
class NoteMailEvent:
    markers: Markers
    clock: Clock

    def __call__(self, kind: str, order_id: UUID | None) -> bool:
        """Notes that the mail of an order bounced, or was complained about; says whether it was such news.

        The address stays out of the log: the order has it.
        """
        if kind not in ("Bounce", "Complaint"):
            return False
        logger("notification").warning("A mail came back", extra={"kind": kind, "order_id": str(order_id)})
        if order_id is not None:
            self.markers.note(order_id, Outcome.BOUNCED, self.clock.now())
        return True
