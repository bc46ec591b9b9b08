"""The command `shop`: what those do who run the shop, on this machine and on AWS.

It speaks to the shop as its services do to each other, by their internal functions, and to AWS about queues,
files and logs. No store is opened by it. docs/decisions/0094 says why.
"""
