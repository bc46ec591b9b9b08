-- An order is the log of its own saga: its state says which step comes next.
CREATE TABLE orders (
    order_id uuid PRIMARY KEY,
    customer_id text NOT NULL,
    customer_name text NOT NULL,
    email text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('reserving', 'awaiting_payment', 'delivering', 'delivered', 'canceled')),
    reason text,
    lines jsonb NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    currency text NOT NULL,
    placed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    payment_id text UNIQUE,
    paid_at timestamptz,
    stock_returned_at timestamptz,
    CHECK ((status = 'canceled') = (reason IS NOT NULL)),
    CHECK ((status IN ('delivering', 'delivered')) = (payment_id IS NOT NULL)),
    CHECK (stock_returned_at IS NULL OR status = 'canceled')
);

-- A customer's orders, newest first: ids are in the order of time.
CREATE INDEX orders_of_customer ON orders (customer_id, order_id DESC);

-- What the schedules look for. Each index holds only the orders that still have something to wait for.
CREATE INDEX orders_reserving ON orders (placed_at) WHERE status = 'reserving';
CREATE INDEX orders_awaiting_payment ON orders (expires_at) WHERE status = 'awaiting_payment';
CREATE INDEX orders_owing_stock ON orders (order_id) WHERE status = 'canceled' AND stock_returned_at IS NULL;

-- The story of an order. It enters each state once.
CREATE TABLE order_events (
    order_id uuid NOT NULL REFERENCES orders ON DELETE CASCADE,
    status text NOT NULL,
    at timestamptz NOT NULL,
    cause text NOT NULL,
    PRIMARY KEY (order_id, status)
);

-- What a customer asked for, by their key. It stays when the order moves to the archive, so that the same
-- request again finds that order, and never makes a second one.
CREATE TABLE order_requests (
    customer_id text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint text NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (customer_id, idempotency_key)
);

-- What the archive takes next.
CREATE INDEX orders_delivered ON orders (order_id) WHERE status = 'delivered';
