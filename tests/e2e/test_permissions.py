"""With any one permission taken away, the function that needs it fails and says which; given back, it works.

Each function of the running shop has its own role, and an exercise for each permission in it. While this
module runs, schedules are off, so that nobody else does the work, and the roles lack all that nobody asks for
on this machine.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from local import provision
from local.customer import sign_in
from local.paths import ROOT
from tests.e2e.books import waiting
from tests.e2e.exercises import Trial, exercise_of
from tests.e2e.permissions import UNENFORCED, Logs, Permission, Roles, enforced, forget, schedules_off
from tests.e2e.running import RunningShop, attached, eventually, found

pytestmark = pytest.mark.strict_aws

# One that is only looked at, and two that are delivered and archived.
PAID_ORDERS = 3
# S3 answers a HEAD without a word, so only the operation is named.
_UNNAMED = "HeadObject: 403"


@pytest.fixture(scope="module")
def trial(running_shop: RunningShop) -> Iterator[Trial]:
    """A customer with paid orders and a canceled one, in a shop whose roles are reduced to what counts."""
    shop = running_shop
    person, product = shop.person(), shop.product()
    olga = shop.described["operators"][0]
    operator = sign_in(shop.described, olga["user"], olga["password"])
    canceled = person.ordered((product, 1))
    found(person.shop.post(f"/orders/{canceled}/cancel"))
    paid = [person.ordered((product, 1)) for _ in range(PAID_ORDERS)]
    for order_id in paid:
        person.pay(order_id)
    eventually("the mails", lambda: len(attached(shop.mails(person.email))) == PAID_ORDERS)
    with schedules_off(shop), Roles(shop).reduced():
        yield Trial(shop, person, operator, product, canceled, paid)


EVERY = enforced()
OF_POLLERS = [permission for permission in EVERY if permission.statement == "ReadItsQueue"]


@pytest.mark.parametrize("permission", [one for one in EVERY if one not in OF_POLLERS], ids=str)
def test_a_permission_that_is_taken_away(trial: Trial, permission: Permission) -> None:
    """The function fails because of exactly this one, which its log names; with it, it does its work."""
    shop, exercise = trial.shop, exercise_of(permission)
    if permission.action == "secretsmanager:GetSecretValue":
        forget(shop, permission.lambda_name)
    logs = Logs(shop, permission.lambda_name)
    with Roles(shop).without(permission):
        assert not (exercise(trial) and logs.text()), "it works without"
        said = logs.text()
    if permission.statement == "WriteItsLogs":
        assert said == ""
    else:
        assert permission.action in said or _UNNAMED in said, said
    logs = Logs(shop, permission.lambda_name)
    assert exercise(trial)
    assert logs.text()
    assert permission.action not in logs.text()


@pytest.mark.parametrize("action", sorted({permission.action for permission in OF_POLLERS}))
def test_a_permission_to_fetch_messages_that_is_taken_away(trial: Trial, action: str) -> None:
    """Lambda leaves the messages in each queue, and says why; with it, the functions get them."""
    shop, sqs = trial.shop, trial.shop.aws("sqs")
    taken = [permission for permission in OF_POLLERS if permission.action == action]
    logs = {permission.service: Logs(shop, permission.lambda_name) for permission in taken}
    with ExitStack() as without:
        for permission in taken:
            without.enter_context(Roles(shop).without(permission))
        for service, log in logs.items():
            eventually("Lambda to be refused", lambda log=log: action in log.of_poller())  # type: ignore[misc]
            url = sqs.get_queue_url(QueueName=f"{service}-payments")["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=trial.message(trial.order))
            assert waiting(shop, f"{service}-payments") == 1
    for service, log in logs.items():
        eventually("the message to be handled", log.text)
        eventually("it to leave the queue", lambda name=f"{service}-payments": not waiting(shop, name))  # type: ignore[misc]


def test_every_permission_is_tried_or_it_is_said_why_not() -> None:
    """What nobody asks for on this machine is in some role, and nothing else is left out."""
    named = {
        name for functions in provision.granted().values() for names in functions.values() for name in names
    }
    assert set(UNENFORCED) <= named
    # A service that somebody adds has more.
    counted = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    (permissions,) = re.findall(r"\| (\d+), of \d+ functions \|", counted)
    assert len(EVERY) >= int(permissions)
    assert {permission.statement for permission in EVERY} | set(UNENFORCED) == named
