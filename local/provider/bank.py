"""What the provider does: opens and expires checkouts, takes and gives back money, announces it as events.

Each method that changes something is called inside a transaction of the store, and refuses what it refuses
before it changes anything.
"""

from collections.abc import Callable
from typing import Any

from attrs import asdict, evolve, field, frozen
from attrs.validators import ge, instance_of, le, optional

from local.provider import objects, params
from local.provider.errors import StripeError
from local.provider.objects import Json
from local.provider.store import Store

# Stripe's limits on how long a checkout stays open, counted from its creation.
SHORTEST_CHECKOUT_SECONDS = 30 * 60
LONGEST_CHECKOUT_SECONDS = 24 * 60 * 60
MOST_LINES = 100
LARGEST_CHARGE = 99_999_999
# Reordered events go out this long after one another, which is enough for the first to be answered.
REORDER_GAP_SECONDS = 0.5

_SESSION_PARAMS = {
    "adaptive_pricing",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "expand",
    "expires_at",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_types",
    "submit_type",
    "success_url",
    "ui_mode",
}
_REFUND_PARAMS = {"amount", "charge", "expand", "metadata", "payment_intent", "reason"}


@frozen
class DeliveryRule:
    """How the next events are delivered.

    `copies` times each, `delay_seconds` late, `reordered` (the last event of an action goes first), or
    `hold` until released. `events` counts how many events the rule still holds for; None: until changed.
    """

    copies: int = field(default=1, validator=[instance_of(int), ge(1), le(20)])
    delay_seconds: float = field(default=0, validator=[instance_of((int, float)), ge(0), le(86400)])
    reordered: bool = field(default=False, validator=instance_of(bool))
    hold: bool = field(default=False, validator=instance_of(bool))
    events: int | None = field(default=None, validator=optional([instance_of(int), ge(1)]))


@frozen
class RefundRule:
    """How refunds are answered until the moment `until`: `mode` is accept, refuse or unavailable."""

    mode: str = "accept"
    until: float = 0


@frozen
class Bank:
    """`now` gives seconds since 1970, `new_id` a new id that begins as it is told, `address` is our own."""

    store: Store
    now: Callable[[], float]
    new_id: Callable[[str], str]
    address: str

    def create_session(self, sent: Json) -> Json:
        """POST /v1/checkout/sessions"""
        params.only(sent, _SESSION_PARAMS)
        if params.text(sent, "mode") != "payment":
            raise StripeError("Here, mode can only be `payment`.", param="mode")
        lines = sent.get("line_items")
        if not isinstance(lines, list) or not lines:
            raise StripeError(
                "Missing required param: line_items.", code="parameter_missing", param="line_items"
            )
        if len(lines) > MOST_LINES:
            raise StripeError(f"You can have at most {MOST_LINES} line items.", param="line_items")
        items = [self._line_item(line, f"line_items[{place}]") for place, line in enumerate(lines)]
        if len({item["currency"] for item in items}) > 1:
            raise StripeError("All line items must have the same currency.", param="line_items")
        created = int(self.now())
        expires_at = self._expiry(sent, created)
        for_intent = params.group(sent, "payment_intent_data")
        params.only(for_intent, {"description", "metadata"}, "payment_intent_data")
        total = sum(item["amount_total"] for item in items)
        if total > LARGEST_CHARGE:
            raise StripeError("The total is larger than Stripe takes at once.", code="amount_too_large")
        if total == 0:
            raise StripeError("Here, the total must be more than 0.", code="amount_too_small")
        session_id = self.new_id("cs_test_")
        session = objects.session(
            session_id,
            url=f"{self.address}/c/pay/{session_id}",
            total=total,
            currency=items[0]["currency"],
            created=created,
            expires_at=expires_at,
            success_url=params.address(sent, "success_url", required=True) or "",
            cancel_url=params.address(sent, "cancel_url", required=False),
            customer_email=params.email(sent, "customer_email"),
            client_reference_id=params.optional_text(sent, "client_reference_id", longest=200),
            metadata=params.metadata(sent),
        )
        intent = objects.payment_intent(
            self.new_id("pi_"),
            self.new_id(""),
            total,
            session["currency"],
            created,
            params.metadata(for_intent, "payment_intent_data"),
        )
        self.store.put(session)
        # Kept beside the session until somebody tries to pay: only then does Stripe show it.
        self.store.put({"id": f"{session_id}/extra", "object": "extra", "lines": items, "intent": intent})
        return session

    def get_session(self, session_id: str, *, with_lines: bool = False) -> Json:
        """GET /v1/checkout/sessions/{id}"""
        session = self._find("checkout.session", session_id, "id")
        return (
            session | {"line_items": objects.line_items(session_id, self.lines(session_id))}
            if with_lines
            else session
        )

    def lines(self, session_id: str) -> list[Json]:
        """The lines of a checkout session."""
        items: list[Json] = self._extra(session_id)["lines"]
        return items

    def last_decline(self, session: Json) -> str | None:
        """What to tell the customer of the last attempt to pay, if it failed."""
        if session["payment_intent"] is None:
            return None
        error = self.get_intent(session["payment_intent"])["last_payment_error"]
        return None if error is None else str(error["message"])

    def expire_session(self, session_id: str) -> Json:
        """POST /v1/checkout/sessions/{id}/expire, and what time does to a session that nobody paid."""
        session = self._find("checkout.session", session_id, "id")
        if session["status"] != "open":
            raise StripeError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session['status']}`.",
                executed=True,
            )
        session |= {"status": "expired", "url": None}
        self.store.put(session)
        if session["payment_intent"] is not None:
            intent = self.get_intent(session["payment_intent"])
            self.store.put(intent | {"status": "canceled", "canceled_at": int(self.now())})
        self._announce(("checkout.session.expired", session))
        return session

    def expire_overdue(self) -> None:
        """Expires the sessions whose time is over."""
        for session_id in self.store.overdue_sessions(self.now()):
            self.expire_session(session_id)

    def pay(self, session_id: str) -> Json:
        """The customer pays. A session that is paid or expired is returned as it is."""
        session = self._find("checkout.session", session_id, "id")
        if session["status"] != "open":
            return session
        intent, charge = self._attempt(session, None)
        intent |= {"amount_received": intent["amount"], "last_payment_error": None, "status": "succeeded"}
        session |= {
            "customer_details": {
                "email": session["customer_email"],
                "name": None,
                "phone": None,
                "address": None,
            },
            "payment_intent": intent["id"],
            "payment_status": "paid",
            "status": "complete",
            "url": None,
        }
        self._put(session, intent, charge)
        self._announce(
            ("payment_intent.succeeded", intent),
            ("checkout.session.completed", session),
        )
        return session

    def decline(self, session_id: str, decline_code: str = "generic_decline") -> Json:
        """The customer's card is declined; the session stays open, so that another may be tried."""
        session = self._find("checkout.session", session_id, "id")
        if session["status"] != "open":
            return session
        intent, charge = self._attempt(session, decline_code)
        intent |= {
            "last_payment_error": objects.payment_error(charge["id"], decline_code, self.new_id("pm_")),
            "status": "requires_payment_method",
        }
        session |= {"payment_intent": intent["id"]}
        self._put(session, intent, charge)
        self._announce(("payment_intent.payment_failed", intent))
        return session

    def get_intent(self, intent_id: str) -> Json:
        """GET /v1/payment_intents/{id}"""
        return self._find("payment_intent", intent_id, "intent")

    def create_refund(self, sent: Json) -> Json:
        """POST /v1/refunds"""
        params.only(sent, _REFUND_PARAMS)
        intent = self._find("payment_intent", params.text(sent, "payment_intent"), "payment_intent")
        amount = params.whole(sent, "amount", least=1) if "amount" in sent else None
        reason = params.optional_text(sent, "reason")
        if reason not in (None, "duplicate", "fraudulent", "requested_by_customer"):
            raise StripeError(
                "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer"
            )
        metadata = params.metadata(sent)
        self._refuse_by_rule()
        if intent["status"] != "succeeded":
            raise StripeError(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
                executed=True,
            )
        charge = self._find("charge", intent["latest_charge"], "charge")
        left = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise StripeError(
                f"Charge {charge['id']} has already been refunded.",
                code="charge_already_refunded",
                executed=True,
            )
        if amount is not None and amount > left:
            raise StripeError(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                param="amount",
                executed=True,
            )
        refund = objects.refund(
            self.new_id("re_"), charge, left if amount is None else amount, int(self.now()), reason, metadata
        )
        refunded = charge["amount_refunded"] + refund["amount"]
        charge |= {"amount_refunded": refunded, "refunded": refunded == charge["amount"]}
        self._put(refund, charge)
        self._announce(("charge.refunded", charge))
        return refund

    def list_refunds(self, intent_id: str | None, limit: int) -> Json:
        """GET /v1/refunds?payment_intent="""
        if intent_id is None:
            raise StripeError("Here, refunds can only be listed by payment_intent.", param="payment_intent")
        found = self.store.of_intent("refund", intent_id)
        return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": "/v1/refunds"}

    def send_again(self, event_id: str) -> None:
        """Delivers an event once more."""
        if not self.store.has_event(event_id):
            raise KeyError(event_id)
        self.store.add_delivery(event_id, self.now(), held=False)

    def release(self, *, reverse: bool) -> int:
        """Lets held deliveries go, oldest or newest first, and says how many."""
        held = self.store.held()
        ordered = held[::-1] if reverse else held
        for place, number in enumerate(ordered):
            self.store.release(number, self.now() + place * REORDER_GAP_SECONDS)
        return len(held)

    def delivery_rule(self) -> DeliveryRule:
        return DeliveryRule(**(self.store.setting("delivery") or {}))

    def refund_rule(self) -> RefundRule:
        """The rule for refunds that holds now."""
        rule = RefundRule(**(self.store.setting("refunds") or {}))
        return rule if self.now() < rule.until else RefundRule()

    def _line_item(self, line: Any, inside: str) -> Json:
        if not isinstance(line, dict):
            raise StripeError("Invalid object", param=inside)
        params.only(line, {"price_data", "quantity"}, inside)
        price_inside = f"{inside}[price_data]"
        price = params.group(line, "price_data", inside)
        params.only(price, {"currency", "product_data", "unit_amount"}, price_inside)
        product = params.group(price, "product_data", price_inside)
        params.only(product, {"description", "metadata", "name"}, f"{price_inside}[product_data]")
        return objects.line_item(
            self.new_id("li_"),
            self.new_id("price_"),
            self.new_id("prod_"),
            params.text(product, "name", f"{price_inside}[product_data]"),
            params.whole(price, "unit_amount", price_inside),
            params.whole(line, "quantity", inside, least=1),
            params.currency(price, price_inside),
        )

    def _expiry(self, sent: Json, created: int) -> int:
        if not sent.get("expires_at"):
            return created + LONGEST_CHECKOUT_SECONDS
        expires_at = params.whole(sent, "expires_at")
        if expires_at < created + SHORTEST_CHECKOUT_SECONDS:
            raise StripeError(
                "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
                param="expires_at",
            )
        if expires_at > created + LONGEST_CHECKOUT_SECONDS:
            raise StripeError(
                "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
                param="expires_at",
            )
        return expires_at

    def _find(self, kind: str, object_id: str, param: str) -> Json:
        found = self.store.get(kind, object_id)
        if found is None:
            raise StripeError(
                f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param=param
            )
        return found

    def _extra(self, session_id: str) -> Json:
        extra = self.store.get("extra", f"{session_id}/extra")
        if extra is None:
            raise StripeError(
                f"No such checkout.session: '{session_id}'", status=404, code="resource_missing"
            )
        return extra

    def _attempt(self, session: Json, decline_code: str | None) -> tuple[Json, Json]:
        """The session's payment intent, and a charge for one more attempt to pay it."""
        known = session["payment_intent"]
        intent = self._extra(session["id"])["intent"] if known is None else self.get_intent(known)
        email = session["customer_email"]
        charge = objects.charge(self.new_id("ch_"), intent, int(self.now()), email, decline_code)
        return intent | {"latest_charge": charge["id"]}, charge

    def _put(self, *things: Json) -> None:
        for thing in things:
            self.store.put(thing)

    def _refuse_by_rule(self) -> None:
        mode = self.refund_rule().mode
        if mode == "refuse":
            raise StripeError(
                "You have insufficient funds in your account to refund this payment.",
                code="balance_insufficient",
                executed=True,
            )
        if mode == "unavailable":
            raise StripeError("The service is not available. Try again later.", status=503, kind="api_error")

    def _announce(self, *happened: tuple[str, Json]) -> None:
        """Makes an event of each, to be delivered as the rule says."""
        now = self.now()
        rule = self.delivery_rule()
        for place, (kind, about) in enumerate(happened):
            event = objects.event(self.new_id("evt_"), kind, about, int(now), None, None)
            self.store.add_event(event, now)
            late = rule.delay_seconds
            if rule.reordered:
                late += (len(happened) - 1 - place) * REORDER_GAP_SECONDS
            for _ in range(rule.copies):
                self.store.add_delivery(event["id"], now + late, held=rule.hold)
            if rule.events is not None:
                rule = evolve(rule, events=rule.events - 1) if rule.events > 1 else DeliveryRule()
        self.store.set("delivery", asdict(rule))
