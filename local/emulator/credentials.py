"""Who one is in this emulator, and where."""

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
# The account's own credentials: whoever signs with them may do everything. They open nothing but this
# emulator, which listens on the loopback address only.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105 - a well-known word, not a secret
