"""When all the other tests have used the shop: what its logs say, and whether its books balance."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from stripe import WebhookSignature

from local import provision
from local.customer import sign_in
from local.errors import LocalError
from tests.e2e.books import balanced
from tests.e2e.running import Person, RunningShop, attached, eventually, found, kept_secrets

# A JSON Web Token, an address or a name of a customer, a signature of the provider's or of a download
# address, a card's number, a header that signs somebody in.
PRIVATE = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}|[\w.+-]+@(customers|shop)\.example|Ada (Ď|\\u010e)|v1=[0-9a-f]{64}"
    r"|X-Amz-(Signature|Security-Token)=\w|\b4242 ?4242|Bearer [\w-]"
)


def test_logs_hold_nothing_private(shop: RunningShop) -> None:
    """No token, password, name, mail address, key or webhook secret is in any log, of functions or servers,
    after all that a shop sees: orders paid, failed, canceled, refunded and delivered, a forged sign-in and a
    forged webhook, and every secret rotated meanwhile."""
    orders = _a_day_of_the_shop(shop, shop.person())
    secrets = kept_secrets(shop) | shop.secrets
    logs = dict(_logs_of_servers(shop)) | dict(_logs_of_functions(shop))
    for order_id in orders:
        assert any(order_id in text for text in logs.values())
    for name, text in logs.items():
        for line in text.splitlines():
            private = PRIVATE.search(line) or next((secret for secret in secrets if secret in line), None)
            assert not private, f"{name}: {line[:300]}"


def test_functions_are_given_names_of_secrets_only(shop: RunningShop) -> None:
    """No password, key or secret is in an environment variable of any function."""
    secrets = kept_secrets(shop) | shop.secrets
    functions = shop.aws("lambda").get_paginator("list_functions").paginate()
    given = {
        one["FunctionName"]: one["Environment"]["Variables"]
        for page in functions
        for one in page["Functions"]
    }
    assert len(given) == sum(map(len, provision.granted().values()))
    for function, variables in given.items():
        for name, value in variables.items():
            assert not any(secret in value for secret in secrets), f"{function}: {name}"
            if name.endswith("_SECRET"):
                assert value in provision.secret_names(function.partition("-")[0]).values()


def test_the_books_balance(shop: RunningShop) -> None:
    """Stock, money, invoices and mails agree, after all that was done to this shop."""
    assert balanced(shop, mails_at_most=2)


def _a_day_of_the_shop(shop: RunningShop, person: Person) -> list[str]:
    """Everything that customers, operators, the provider and strangers do; the orders that came of it."""
    product = shop.product()
    paid, failed, canceled, refunded = (person.ordered((product, 1)) for _ in range(4))
    person.pay(paid)
    person.decline(failed)
    found(person.shop.post(f"/orders/{canceled}/cancel"))
    page = person.shop.checkout(refunded)
    found(person.shop.post(f"/orders/{refunded}/cancel"))
    person.shop.press(page, "pay")
    with pytest.raises(LocalError, match="cannot sign in"):
        sign_in(shop.described, person.name, f"{person.password}x")
    _forged_webhook(shop)
    person.sees(paid, "delivering")
    person.sees(failed, "canceled")
    eventually("the mail", lambda: attached(shop.mails(person.email)))
    eventually("the refund", lambda: [one["status"] for one in person.payments(refunded)] == ["refunded"])
    assert person.shop.download(found(person.shop.get(f"/invoices/{paid}"))["url"]).is_success
    olga = shop.described["operators"][0]
    operator = sign_in(shop.described, olga["user"], olga["password"])
    shop.secrets |= {operator.token}
    shop.rotate()
    found(operator.post(f"/orders/{paid}/deliver"))
    found(person.shop.get("/orders"))
    return [paid, failed, canceled, refunded]


def _forged_webhook(shop: RunningShop) -> None:
    body = json.dumps({"object": "event", "type": "payment_intent.succeeded"})
    signed = WebhookSignature.generate_signature_header(body, "whsec_of_a_stranger")
    url, headers = shop.described["webhook_url"], {"Stripe-Signature": signed}
    assert httpx.post(url, content=body, headers=headers, trust_env=False, timeout=30).status_code == 400


def _logs_of_servers(shop: RunningShop) -> Iterator[tuple[str, str]]:
    """Every file among the logs: of the stores, the emulator, the gateway, the provider, deployments."""
    for file in (shop.home / "logs").rglob("*"):
        if file.is_file():
            yield file.name, file.read_text(errors="replace")


def _logs_of_functions(shop: RunningShop) -> Iterator[tuple[str, str]]:
    """What each function wrote to CloudWatch."""
    logs = shop.aws("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in (group["logGroupName"] for group in page["logGroups"]):
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            yield group, "\n".join(event["message"] for page in pages for event in page["events"])
