-- What a customer asked for, by their key. It stays when the order moves to the archive, so that the same
-- request again finds that order, and never makes a second one.
CREATE TABLE order_requests (
    customer_id text NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint text NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (customer_id, idempotency_key)
);

INSERT INTO order_requests (customer_id, idempotency_key, fingerprint, order_id)
SELECT customer_id, idempotency_key, fingerprint, order_id FROM orders;

ALTER TABLE orders DROP COLUMN idempotency_key, DROP COLUMN fingerprint;

-- What the archive takes next.
CREATE INDEX orders_delivered ON orders (order_id) WHERE status = 'delivered';
