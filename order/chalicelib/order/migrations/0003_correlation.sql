-- What the logs call the request that placed the order. Orders of before have none.
ALTER TABLE orders ADD COLUMN correlation_id text NOT NULL DEFAULT '';
