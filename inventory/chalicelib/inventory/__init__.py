"""The inventory service: counts stock, holds it for orders and gives it back."""
