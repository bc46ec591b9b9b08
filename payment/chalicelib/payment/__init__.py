"""The payment service: starts checkouts, records what the provider says of payments, tells the others."""
