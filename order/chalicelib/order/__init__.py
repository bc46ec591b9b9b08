"""The order service: takes an order from placed to delivered or canceled."""
