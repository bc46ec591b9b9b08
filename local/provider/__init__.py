"""A payment provider for one machine: what the shop uses of Stripe, with webhooks and a checkout page.

Nothing of it is taken from Stripe but the shapes in its public documentation. No money moves.
"""
