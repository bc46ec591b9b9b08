-- Products of which something was bought since their suggestions were worked out. `notes` tells a product
-- that was noted again meanwhile; who works on one has it alone until the time in `taken_until`.
CREATE TABLE suggestions_due (
    product_id text PRIMARY KEY,
    notes bigint NOT NULL DEFAULT 1,
    due_since timestamptz NOT NULL DEFAULT now(),
    taken_until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE INDEX suggestions_due_since ON suggestions_due (due_since);
