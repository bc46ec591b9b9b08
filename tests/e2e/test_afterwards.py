"""When all the other tests have used the shop: what its logs say, and whether its books balance."""

import re

from tests.e2e.books import balanced
from tests.e2e.running import RunningShop, attached, eventually, kept_secrets

# A JSON Web Token, an address of a customer, a signature of the provider's, a card's number.
PRIVATE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}|[\w.+-]+@(customers|shop)\.example|v1=[0-9a-f]{64}|\b4242 ?4242|Bearer [\w-]"
)


def test_logs_hold_nothing_private(shop: RunningShop) -> None:
    """No token, password, mail address, key or webhook secret is in any log, of functions or servers."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    person.pay(order_id)
    eventually("the mail", lambda: attached(shop.mails(person.email)))
    secrets = kept_secrets(shop) | shop.secrets
    logs = {file.name: file.read_text(errors="replace") for file in (shop.home / "logs").glob("*.log")}
    logs |= _functions_logs(shop)
    assert any(order_id in text for text in logs.values())
    for name, text in logs.items():
        for line in text.splitlines():
            private = PRIVATE.search(line) or next((secret for secret in secrets if secret in line), None)
            assert not private, f"{name}: {line[:300]}"


def test_the_books_balance(shop: RunningShop) -> None:
    """Stock, money, invoices and mails agree, after all that was done to this shop."""
    assert balanced(shop, mails_at_most=2)


def _functions_logs(shop: RunningShop) -> dict[str, str]:
    """What each function wrote to CloudWatch."""
    logs = shop.aws("logs")
    found = {}
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in (group["logGroupName"] for group in page["logGroups"]):
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            found[group] = "\n".join(event["message"] for page in pages for event in page["events"])
    return found
