-- How many pieces of a product can be ordered now: what is reserved is taken off already.
CREATE TABLE stock (
    product_id text PRIMARY KEY,
    available bigint NOT NULL CHECK (available >= 0)
);

-- What an order holds. One row for an order, so that releasing it is one guarded step: a reservation
-- is closed once, and an order that was released before it could reserve can never reserve.
CREATE TABLE reservations (
    order_id uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('held', 'released')),
    product_ids text[] NOT NULL,
    quantities bigint[] NOT NULL CHECK (0 < ALL (quantities)),
    reserved_at timestamptz,
    released_at timestamptz,
    CHECK (cardinality(product_ids) = cardinality(quantities)),
    CHECK ((state = 'released') = (released_at IS NOT NULL))
);
