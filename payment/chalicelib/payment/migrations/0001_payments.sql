-- The page at the provider where an order can be paid.
CREATE TABLE checkouts (
    order_id uuid PRIMARY KEY,
    checkout_id text NOT NULL UNIQUE,
    url text NOT NULL,
    expires_at timestamptz NOT NULL
);

-- A payment, by the provider's id of it. An order may see several: a failed one, then one that succeeds.
CREATE TABLE payments (
    payment_id text PRIMARY KEY,
    order_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('succeeded', 'failed', 'expired', 'refund_due', 'refunded')),
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    occurred_at timestamptz NOT NULL,
    reason text NOT NULL,
    refund_due_at timestamptz,
    refunded_at timestamptz
);

CREATE INDEX payments_of_order ON payments (order_id);
CREATE INDEX payments_refund_due ON payments (refund_due_at) WHERE status = 'refund_due';

-- Each event of the provider that was taken in: it may come again, and then changes nothing.
CREATE TABLE provider_events (
    event_id text PRIMARY KEY,
    payment_id text NOT NULL,
    received_at timestamptz NOT NULL
);

-- The outbox: messages that were decided together with a payment, and still have to be published.
CREATE TABLE outbox (
    message_id uuid PRIMARY KEY,
    body text NOT NULL,
    published_at timestamptz
);

CREATE INDEX outbox_unpublished ON outbox (message_id) WHERE published_at IS NULL;
