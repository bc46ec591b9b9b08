"""Deliberate breaks of the rules that keep the shop right. The books must notice each of them.

A harness that catches nothing proves nothing: `test_mutations.py` applies each to a copy of the shop.
"""

from attrs import frozen


@frozen
class Mutation:
    """In `file`, `before` (which stands there once) becomes `after`; that breaks `rule`.

    `seed` is the one that noticed it when it was last looked for: it is tried first, and all others after it.
    """

    rule: str
    file: str
    before: str
    after: str
    seed: int = 1


_ORDERS = "common/repositories/postgres/orders.py"
_PAYMENTS = "common/repositories/postgres/payments.py"
_STOCK = "common/repositories/postgres/stock.py"
_ORDER = "common/domain/order.py"
_PLACE = "order/chalicelib/order/use_cases/place_order.py"
_CANCEL = "order/chalicelib/order/use_cases/cancellation.py"
_SETTLE = "order/chalicelib/order/use_cases/settle_payment.py"
_UNPAID = "inventory/chalicelib/inventory/use_cases/return_unpaid.py"
_WEBHOOK = "payment/chalicelib/payment/use_cases/receive_webhook.py"
_REFUNDS = "payment/chalicelib/payment/use_cases/send_refunds.py"
_INVOICE = "invoice/chalicelib/invoice/use_cases/write_invoice.py"
_MAIL = "notification/chalicelib/notification/use_cases/mail_invoice.py"
_MARKERS = "notification/chalicelib/notification/use_cases/markers.py"
_STRIPE = "common/payments/stripe_webhooks.py"
_ARCHIVE = "order/chalicelib/order/use_cases/archive_delivered.py"
_CONSUMERS = "common/web/consumers.py"

MUTATIONS = {
    "an order changes state whatever state it is in": Mutation(
        "each change of state is guarded by the state it leaves",
        _ORDERS,
        "WHERE order_id = :order_id AND status = :leaves",
        "WHERE order_id = :order_id AND :leaves ::text IS NOT NULL",
    ),
    "a change of state is not told": Mutation(
        "each state change is kept with its time and cause",
        _ORDERS,
        "SELECT order_id, status, :at, :cause FROM moved\n",
        "SELECT order_id, status, :at, :cause FROM moved WHERE status = 'canceled'\n",
    ),
    "lines are taken one by one": Mutation(
        "the lines of an order are taken all or not at all",
        _STOCK,
        "stock.bucket = shared.bucket AND missing > 0\n",
        "stock.bucket = shared.bucket AND missing > 0 AND stock.available >= missing\n",
    ),
    "an order empties the buckets that it takes from": Mutation(
        "an order takes as many pieces as it has",
        _STOCK,
        "ELSE least(missing, shared.available) END",
        "ELSE shared.available END",
    ),
    "pieces come back into every bucket": Mutation(
        "a reservation gives back what it took",
        _STOCK,
        "    WHERE bucket = (\n"
        "        SELECT bucket FROM stock AS any_of WHERE any_of.product_id = line.product_id\n"
        "        ORDER BY bucket <> :bucket, bucket LIMIT 1\n"
        "    )\n",
        "",
    ),
    "a repeated reservation takes stock again": Mutation(
        "repeated calls with the same order do nothing more",
        _STOCK,
        "    ON CONFLICT (order_id) DO NOTHING\n",
        "    ON CONFLICT (order_id) DO UPDATE SET product_ids = excluded.product_ids\n",
        seed=6,
    ),
    "a reservation is released again and again": Mutation(
        "a reservation is closed once",
        _STOCK,
        "WHERE reservation.state = 'held'\n",
        "WHERE reservation.state <> ''\n",
    ),
    "a release before the reservation leaves no trace": Mutation(
        "an order that was released can never reserve",
        _STOCK,
        "VALUES (:order_id, 'released', '{}', '{}', :at)\n",
        "SELECT :order_id, 'released', '{}', '{}', :at ::timestamptz\n"
        "WHERE EXISTS (SELECT FROM reservations WHERE order_id = :order_id)\n",
        seed=16,
    ),
    "stock counts as given back before it is": Mutation(
        "stock of canceled orders is given back",
        _CANCEL,
        "        try:\n            self.inventory.release_stock(order_id)\n",
        "        self.orders.stock_returned(order_id, self.clock.now())\n"
        "        try:\n            self.inventory.release_stock(order_id)\n",
        seed=4,
    ),
    "half-placed orders are left": Mutation(
        "a schedule undoes half-placed orders",
        "order/chalicelib/order/use_cases/undo_placing.py",
        "BATCH = 500",
        "BATCH = 0",
        seed=2,
    ),
    "unpaid orders are left": Mutation(
        "unpaid orders expire",
        "order/chalicelib/order/use_cases/expire_unpaid.py",
        "BATCH = 500",
        "BATCH = 0",
    ),
    "stock that could not be given back is left": Mutation(
        "stock of canceled orders is given back",
        "order/chalicelib/order/use_cases/return_stock.py",
        "BATCH = 500",
        "BATCH = 0",
    ),
    "each request is a new order": Mutation(
        "one Idempotency-Key makes one order",
        _PLACE,
        "        request = Request(key, _fingerprint(wanted))\n",
        "        request = Request(f'{key}{self.ids.new(self.clock.now())}', _fingerprint(wanted))\n",
    ),
    "a canceled order comes back": Mutation(
        "a canceled order never comes back",
        _ORDER,
        "    if order.status is not OrderStatus.AWAITING_PAYMENT:\n        return None\n"
        "    if payment.status is PaymentStatus.EXPIRED:\n",
        "    if order.status not in (OrderStatus.AWAITING_PAYMENT, OrderStatus.CANCELED):\n"
        "        return None\n"
        "    if order.status is OrderStatus.CANCELED and payment.status is not PaymentStatus.SUCCEEDED:\n"
        "        return None\n"
        "    if payment.status is PaymentStatus.EXPIRED:\n",
    ),
    "any amount will do": Mutation(
        "amount and currency must equal the order's",
        _ORDER,
        "    if payment.amount != order.total:\n",
        "    if payment.amount.currency != order.total.currency:\n",
        seed=8,
    ),
    "money for nothing is kept": Mutation(
        "a success that comes late makes a refund",
        _SETTLE,
        "        if owed_back(order, payment):\n",
        "        if order is None:\n",
    ),
    "accepted money is given back": Mutation(
        "what an order accepted is kept",
        _ORDER,
        "    return payment.status is PaymentStatus.SUCCEEDED and not accepted(order, payment)\n",
        "    return payment.status is PaymentStatus.SUCCEEDED\n",
    ),
    "a refund counts before it is made": Mutation(
        "a refund is noted after the provider's yes",
        _REFUNDS,
        "            try:\n                self.provider.refund(",
        "            self.payments.refunded(payment.payment_id, self.clock.now())\n"
        "            try:\n                self.provider.refund(",
        seed=7,
    ),
    "a later failure undoes a payment": Mutation(
        "a payment turns to succeeded, and in no other way, by an event",
        _PAYMENTS,
        "WHERE known.status IN ('failed', 'expired') AND excluded.status = 'succeeded'\n",
        "WHERE known.status <> excluded.status\n",
        seed=3,
    ),
    "a success after a failure is not news": Mutation(
        "a failed attempt may be followed by a success",
        _PAYMENTS,
        "WHERE known.status IN ('failed', 'expired') AND excluded.status = 'succeeded'\n",
        "WHERE false\n",
        seed=5,
    ),
    "the outbox is written after the payment": Mutation(
        "payment and outbox row in one transaction",
        _PAYMENTS,
        "            return bool(recorded)\n\n        return self.database.transaction(work)\n",
        "            return bool(recorded)\n\n"
        "        def payment_only(run: Run) -> bool:\n"
        "            return work(lambda sql, **values: [] if 'outbox' in sql else run(sql, **values))\n\n"
        "        news = self.database.transaction(payment_only)\n"
        "        if news:\n"
        "            self.database.run(\n"
        '                "INSERT INTO outbox (message_id, body) VALUES (:message_id, :body)"\n'
        '                " ON CONFLICT DO NOTHING",\n'
        "                message_id=message.message_id,\n"
        "                body=message.body,\n"
        "            )\n"
        "        return news\n",
        seed=8,
    ),
    "messages are marked whether they were taken or not": Mutation(
        "publish after commit, then mark",
        _PAYMENTS,
        "                published=list(published),\n",
        '                published=[row["message_id"] for row in rows],\n',
    ),
    "the relay never runs again": Mutation(
        "a schedule publishes what was left",
        "payment/app.py",
        "    return shop.publish_outbox()\n",
        "    return 0\n",
        seed=12,
    ),
    "a webhook is answered although it was not saved": Mutation(
        "an event that was not stored is not acknowledged",
        _WEBHOOK,
        "        news = self.payments.record(event.event_id, event.payment, message, now)\n",
        "        try:\n"
        "            news = self.payments.record(event.event_id, event.payment, message, now)\n"
        "        except Unavailable:\n"
        "            return False\n",
        seed=6,
    ),
    "failed messages are acknowledged": Mutation(
        "a failed message of a batch is reported alone",
        _CONSUMERS,
        '                    failures.append({"itemIdentifier": message_id})\n',
        "                    pass\n",
        seed=4,
    ),
    "the inventory acts on the message, not on the order": Mutation(
        "the order decides what a payment means",
        _UNPAID,
        "        if order is not None and order.status is OrderStatus.CANCELED:\n",
        "        if order is not None and payment.status.value == 'failed':\n",
        seed=7,
    ),
    "an invoice is written for every success": Mutation(
        "an invoice exists exactly for an order that accepted its payment",
        _INVOICE,
        "        if order is None or not accepted(order, payment):\n",
        "        if order is None:\n",
    ),
    "an invoice is there before its mail is known to be due": Mutation(
        "every invoice is mailed",
        _INVOICE,
        '        self.objects.add(mail_due_key(order.order_id), b"", "text/plain")\n',
        "",
    ),
    "a mail counts as sent before it is": Mutation(
        "the marker is written after the mail service's yes",
        _MAIL,
        "        try:\n            self.mailer.send(",
        "        self.markers.note(order_id, Outcome.SENT, self.clock.now())\n"
        "        try:\n            self.mailer.send(",
        seed=14,
    ),
    "an invoice is written over": Mutation(
        "an invoice is stored with a conditional put",
        "common/aws/bucket.py",
        'return self._put(key, body, {"content-type": content_type, "if-none-match": "*"})',
        'return self._put(key, body, {"content-type": content_type})',
    ),
    "a mail that was sent is not noted": Mutation(
        "twice only where the process died between the mail service's yes and the marker",
        _MAIL,
        "        self.markers.note(order_id, Outcome.SENT, self.clock.now())\n",
        "",
        seed=3,
    ),
    "a message is published before its payment is saved": Mutation(
        "publish after commit",
        _WEBHOOK,
        "        news = self.payments.record(event.event_id, event.payment, message, now)\n",
        "        self.publish_outbox.publisher.publish([message])\n"
        "        news = self.payments.record(event.event_id, event.payment, message, now)\n",
    ),
    "whoever posts a webhook is believed": Mutation(
        "verify the provider's signature",
        _STRIPE,
        "        if not self._signed(body, at, signatures, now):\n",
        "        if not signatures:\n",
        seed=4,
    ),
    "old webhooks are believed": Mutation(
        "verify a webhook's age",
        _STRIPE,
        "        if age > OLDEST:\n",
        "        if age > 100 * OLDEST:\n",
        seed=4,
    ),
    "a key may be used for another order": Mutation(
        "the same key with another body is refused",
        _PLACE,
        "        if earlier.fingerprint != request.fingerprint:\n",
        "        if earlier.key != request.key:\n",
        seed=4,
    ),
    "orders leave before their copies are compared": Mutation(
        "read back and compare, only then delete",
        _ARCHIVE,
        "kept.get(order.copy.order_id) == order.copy]",
        "order.copy is not None]",
        seed=27,
    ),
    "the archive is asked before the live orders": Mutation(
        "readers see an order in one place or the other, never in none",
        "order/chalicelib/order/use_cases/history.py",
        "        return self.live.get(order_id) or self.archive().get(order_id)\n",
        "        return self.archive().get(order_id) or self.live.get(order_id)\n",
        seed=82,
    ),
    "delivered orders are never archived": Mutation(
        "delivered orders move to the archive",
        _ARCHIVE,
        "BATCH = 500",
        "BATCH = 0",
    ),
    "an order counts anew each time it is archived": Mutation(
        "an order counts once for suggestions, however often it is archived",
        _ARCHIVE,
        "    return Purchase(copy.order_id, tuple(",
        "    return Purchase(__import__('uuid').uuid4(), tuple(",
        seed=8,
    ),
    "an order is noted for suggestions after it has left": Mutation(
        "what was bought together is noted before its order leaves for the archive",
        _ARCHIVE,
        "        self.note_purchases(bought_together(order.copy) for order in same)\n"
        "        return self.orders.remove(same) if same else 0\n",
        "        removed = self.orders.remove(same) if same else 0\n"
        "        self.note_purchases(bought_together(order.copy) for order in same)\n"
        "        return removed\n",
        seed=2,
    ),
    "nobody claims a mail": Mutation(
        "one mail however often its event comes",
        _MARKERS,
        "        return self.objects.replace("
        'mail_due_key(order_id), _text(now), "text/plain", due.version)\n',
        "        return True\n",
        seed=6,
    ),
    "a mail that was sent is sent again when it is due again": Mutation(
        "one mail however often its invoice is asked for",
        _MAIL,
        "not self.markers.is_done(order_id) and self._send(order_id, pdf)",
        "self._send(order_id, pdf)",
    ),
    "another currency will do": Mutation(
        "amount and currency must equal the order's",
        _ORDER,
        "    if payment.amount != order.total:\n",
        "    if payment.amount.amount != order.total.amount:\n",
        seed=20,
    ),
    "orders expire before their time": Mutation(
        "unpaid orders expire when their time is over",
        "order/chalicelib/order/use_cases/expire_unpaid.py",
        "self.orders.overdue(OrderStatus.AWAITING_PAYMENT, now, BATCH)",
        "self.orders.overdue(OrderStatus.AWAITING_PAYMENT, now.replace(year=now.year + 1), BATCH)",
        seed=1,
    ),
    "orders are undone while they are placed": Mutation(
        "half-placed orders are undone after the time to place",
        "order/chalicelib/order/use_cases/undo_placing.py",
        "now - self.time_to_place, BATCH",
        "now + self.time_to_place, BATCH",
        seed=2,
    ),
    "an order is canceled for another reason": Mutation(
        "canceled(reason)",
        _ORDER,
        "        return OrderStatus.CANCELED, CancelReason.PAYMENT_FAILED\n",
        "        return OrderStatus.CANCELED, CancelReason.PAYMENT_MISMATCH\n",
        seed=5,
    ),
    "a request leaves with its order": Mutation(
        "one key makes one order, archived or not",
        _ORDERS,
        (
            "DELETE FROM orders USING unnest(:ids ::uuid[], :versions ::text[]) AS seen (order_id, version)\n"
            "WHERE orders.order_id = seen.order_id AND orders.status = 'delivered' AND "
            "orders.xmin ::text = seen.version\n"
            "RETURNING orders.order_id\n"
        ),
        (
            "WITH gone AS (\n"
            "DELETE FROM orders USING unnest(:ids ::uuid[], :versions ::text[]) AS seen (order_id, version)\n"
            "WHERE orders.order_id = seen.order_id AND orders.status = 'delivered' AND "
            "orders.xmin ::text = seen.version\n"
            "RETURNING orders.order_id\n"
            ") DELETE FROM order_requests USING gone WHERE order_requests.order_id = "
            "gone.order_id RETURNING gone.order_id\n"
        ),
        seed=2,
    ),
    "a key finds anybody's order": Mutation(
        "Idempotency-Key, unique per customer",
        _ORDERS,
        "WHERE order_requests.customer_id = :customer_id AND order_requests.idempotency_key = :key\n",
        (
            "WHERE order_requests.idempotency_key = :key AND :customer_id ::text IS NOT NULL\n"
            "ORDER BY order_requests.order_id\n"
        ),
        seed=1,
    ),
    "a request that comes again does not go on": Mutation(
        "the same request again resumes the order",
        _PLACE,
        "        if order.status is OrderStatus.RESERVING:\n",
        "        if order.status is OrderStatus.RESERVING and self.clock.now() - "
        "order.placed_at < timedelta(seconds=21):\n",
        seed=1,
    ),
    "an order is refused where its own bucket has too little": Mutation(
        "an order is refused only where there is too little",
        _STOCK,
        ('            if why_not["short"]:\n                raise OutOfStock(tuple(why_not["short"]))\n'),
        '            raise OutOfStock(tuple(why_not["short"]) or tuple(line.product_id for line in lines))\n',
        seed=1,
    ),
    "pieces come back into a bucket that is not there": Mutation(
        "a reservation gives back what it took",
        _STOCK,
        (
            "    WHERE bucket = (\n"
            "        SELECT bucket FROM stock AS any_of WHERE any_of.product_id = line.product_id\n"
            "        ORDER BY bucket <> :bucket, bucket LIMIT 1\n"
            "    )\n"
        ),
        "    WHERE bucket = :bucket\n",
        seed=2,
    ),
    "a failed message takes its batch with it": Mutation(
        "a failed message of a batch is reported alone",
        _CONSUMERS,
        '            return {"batchItemFailures": failures}\n',
        (
            "            if failures:\n"
            '                failures = [{"itemIdentifier": record.to_dict()["messageId"]} for '
            "record in event]\n"
            '            return {"batchItemFailures": failures}\n'
        ),
        seed=3,
    ),
    "every event is told, news or not": Mutation(
        "only news of a payment is told",
        _PAYMENTS,
        (
            "            if recorded:\n"
            "                run(\n"
            '                    "INSERT INTO outbox (message_id, body) VALUES (:message_id, :body)",\n'
        ),
        (
            "            if True:\n"
            "                run(\n"
            '                    "INSERT INTO outbox (message_id, body) VALUES (:message_id, :body)"\n'
            '                    " ON CONFLICT DO NOTHING",\n'
        ),
        seed=1,
    ),
    "what was given back is due again": Mutation(
        "a refund is made once",
        _PAYMENTS,
        "WHERE payment_id = :payment_id AND status = 'succeeded'\n",
        "WHERE payment_id = :payment_id AND status IN ('succeeded', 'refunded')\n",
        seed=8,
    ),
    "a mail goes out without its invoice": Mutation(
        "mails each invoice to its customer",
        _MAIL,
        '        attachments=(Attachment(f"{number}.pdf", "application/pdf", pdf.body),),\n',
        "        attachments=(),\n",
        seed=1,
    ),
    "a customer is told that a paid order is canceled": Mutation(
        "a customer cancels while awaiting payment",
        "order/chalicelib/order/use_cases/cancel_order.py",
        (
            "        if order.status is not OrderStatus.CANCELED:\n"
            "            raise NotCancelable(order.status)\n"
            "        return order\n"
        ),
        "        return order\n",
        seed=24,
    ),
    "an operator is told that an unpaid order is delivered": Mutation(
        "delivering -> delivered",
        "order/chalicelib/order/use_cases/deliver_order.py",
        (
            "        if order.status is not OrderStatus.DELIVERED:\n"
            "            raise NotDeliverable(order.status)\n"
            "        return order\n"
        ),
        "        return order\n",
        seed=1,
    ),
    "a delivered order forgets when it was paid": Mutation(
        "an order keeps what it was told",
        _ORDERS,
        "        paid_at = coalesce(:paid_at, paid_at)\n",
        "        paid_at = :paid_at\n",
        seed=2,
    ),
    "the archive keeps times to the millisecond": Mutation(
        "readers see the same order in one place or the other", _ORDERS, 'SS.US"Z"\'', 'SS.MS"Z"\'', seed=4
    ),
    "products are due before their purchases are there": Mutation(
        "purchases are stored first, then due",
        "order/chalicelib/order/use_cases/note_purchases.py",
        (
            "            self.purchases().put(together)\n"
            "            self.due.note({product_id for purchase in together for product_id in "
            "purchase.product_ids})\n"
        ),
        (
            "            self.due.note({product_id for purchase in together for product_id in "
            "purchase.product_ids})\n"
            "            self.purchases().put(together)\n"
        ),
        seed=186,
    ),
    "a product that is due again counts as done": Mutation(
        "suggestions follow what was noted meanwhile",
        "common/repositories/postgres/suggestions.py",
        (
            "    WHERE due.product_id = seen.product_id AND due.taken_until = seen.taken_until "
            "AND due.notes = seen.notes\n"
            ")\n"
            "UPDATE suggestions_due AS due SET taken_until = '-infinity' FROM seen\n"
            "WHERE due.product_id = seen.product_id AND due.taken_until = seen.taken_until AND "
            "due.notes <> seen.notes\n"
        ),
        (
            "    WHERE due.product_id = seen.product_id AND due.taken_until = seen.taken_until\n"
            ")\n"
            "SELECT FROM seen\n"
        ),
        seed=146,
    ),
    "a mail is due only if its invoice was written now": Mutation(
        "every invoice is mailed",
        _INVOICE,
        (
            "        # First, so that no invoice is ever there whose mail nobody knows to be due.\n"
            '        self.objects.add(mail_due_key(order.order_id), b"", "text/plain")\n'
            '        return self.objects.add(invoice_key(order.order_id), pdf, "application/pdf")\n'
        ),
        (
            '        written = self.objects.add(invoice_key(order.order_id), pdf, "application/pdf")\n'
            '        return written and self.objects.add(mail_due_key(order.order_id), b"", "text/plain")\n'
        ),
        seed=4,
    ),
    "a mail whose sender died stays his": Mutation(
        "a mail whose sender died is sent by another",
        _MARKERS,
        "datetime.fromisoformat(due.body.decode()) > now - LEASE)",
        "datetime.fromisoformat(due.body.decode()) > now - 10**5 * LEASE)",
    ),
    "a mail that somebody sends is sent by others": Mutation(
        "one sender at a time",
        _MARKERS,
        "datetime.fromisoformat(due.body.decode()) > now - LEASE)",
        "datetime.fromisoformat(due.body.decode()) > now)",
        seed=45,
    ),
    "a refund that could not be asked for is forgotten": Mutation(
        "a success that comes late makes a refund",
        _SETTLE,
        "            self.payments.request_refund(payment.payment_id)\n",
        (
            "            try:\n"
            "                self.payments.request_refund(payment.payment_id)\n"
            "            except Exception:\n"
            '                logger("order").error("A refund could not be asked for")\n'
        ),
        seed=33,
    ),
    "a payment keeps the amount that was declined": Mutation(
        "a payment is what succeeded, not what was tried before",
        _PAYMENTS,
        "SET status = excluded.status, amount = excluded.amount, currency = excluded.currency,\n",
        "SET status = excluded.status,\n",
        seed=55,
    ),
    "the archive is listed before the live orders": Mutation(
        "readers see an order in one place or the other",
        "order/chalicelib/order/use_cases/history.py",
        (
            "        live = self.live.page(customer_id, position.live, limit + 1)\n"
            "        try:\n"
            "            archived = self.archive().page(customer_id, position.archived, limit + 1)\n"
            "            incomplete = False\n"
            "        except Unavailable:\n"
            "            archived, incomplete = (), True\n"
        ),
        (
            "        try:\n"
            "            archived = self.archive().page(customer_id, position.archived, limit + 1)\n"
            "            incomplete = False\n"
            "        except Unavailable:\n"
            "            archived, incomplete = (), True\n"
            "        live = self.live.page(customer_id, position.live, limit + 1)\n"
        ),
        seed=36,
    ),
    "a mail is settled before it is sent": Mutation(
        "only after the outcome is noted is the mail due no longer",
        _MAIL,
        (
            "        mailed = not self.markers.is_done(order_id) and self._send(order_id, pdf)\n"
            "        self.markers.settle(order_id)\n"
            "        return mailed\n"
        ),
        (
            "        done = self.markers.is_done(order_id)\n"
            "        self.markers.settle(order_id)\n"
            "        return not done and self._send(order_id, pdf)\n"
        ),
    ),
    "orders that are on their way are archived": Mutation(
        "delivered orders move to the archive",
        _ORDERS,
        "WHERE status = 'delivered' AND (:after",
        "WHERE status IN ('delivering', 'delivered') AND (:after",
        seed=1,
    ),
    "a line costs as much as one piece": Mutation(
        "an order costs its pieces at their prices",
        _ORDER,
        "        return self.unit_price * self.quantity\n",
        "        return self.unit_price\n",
        seed=1,
    ),
}
