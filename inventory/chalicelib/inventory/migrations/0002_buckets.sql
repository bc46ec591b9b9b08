-- A product's pieces may lie in several buckets, a row each, so that orders for one product need not all wait for
-- one row. What can be ordered is the sum.
ALTER TABLE stock ADD COLUMN bucket smallint NOT NULL DEFAULT 0;
ALTER TABLE stock DROP CONSTRAINT stock_pkey;
ALTER TABLE stock ADD PRIMARY KEY (product_id, bucket);
