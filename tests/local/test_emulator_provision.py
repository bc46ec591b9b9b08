"""What is made in the emulator before the services are deployed: all of it, once."""

import json
import stat
from collections.abc import Iterator

import boto3
import pytest
from attrs import evolve
from botocore import UNSIGNED
from botocore.config import Config

from local import processes
from local.deploy import configuration
from local.postgres import Credentials, Logins
from local.provision import PAYMENT_QUEUES, Resources, policy, provision
from local.services import SERVICES
from tests.local.emulators import Emulator, until
from tests.local.shop_homes import new_home, quiet


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(new_home(tmp_path_factory.mktemp("provisioned")), corrected=True).start()
    yield emulator
    processes.stop(None, emulator.home, report=quiet)


@pytest.fixture(scope="module")
def resources(emulator: Emulator) -> Resources:
    return _provision(emulator)


def _provision(emulator: Emulator, word: str = "first") -> Resources:
    login = Credentials(host="127.0.0.1", port=1, dbname="d", username="u", password=word, tls=False)
    return provision(
        databases={name: Logins(login, login) for name in ("inventory", "order", "payment")},
        catalog={"uri": "mongodb://127.0.0.1", "database": "catalog"},
        archive={"contact_points": ["127.0.0.1"], "port": 9042, "keyspace": "shop"},
        provider={"api_key": "k", "webhook_secrets": ["w"], "api_base": "http://127.0.0.1"},
        checkout_return_url="http://127.0.0.1/",
        home=emulator.home,
    )


def test_the_second_time_changes_nothing(emulator: Emulator, resources: Resources) -> None:
    """The same resources come out, and nothing that the emulator keeps is another."""

    def kept() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (emulator.home / "aws").glob("*.json")}

    before = kept()
    assert _provision(emulator) == resources
    assert kept() == before


def test_a_changed_value_is_put_right(emulator: Emulator, resources: Resources) -> None:
    """A new password of a database, and a policy that somebody changed, are as they should be afterwards."""
    secrets, iam = emulator.client("secretsmanager"), emulator.client("iam")
    iam.put_role_policy(
        RoleName="shop-local-order-get_order",
        PolicyName="get_order",
        PolicyDocument=json.dumps(policy("invoice", "on_payment")),
    )
    _provision(emulator, "second")
    assert "second" in secrets.get_secret_value(SecretId="shop/order/database")["SecretString"]
    found = iam.get_role_policy(RoleName="shop-local-order-get_order", PolicyName="get_order")
    assert found["PolicyDocument"] == policy("order", "get_order")
    _provision(emulator)


def test_seeded_users_sign_in(emulator: Emulator, resources: Resources) -> None:
    """By name or mail address, with the password that only the owner of the home can read."""
    pool = boto3.client(
        "cognito-idp",
        endpoint_url=resources.endpoint,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    for user in resources.users:
        for name in (user.name, user.email):
            answer = pool.initiate_auth(
                ClientId=resources.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": user.password},
            )
            assert answer["AuthenticationResult"]["IdToken"]
        assert user.password not in repr(user)
    assert [user.is_operator for user in resources.users].count(True) == 1
    assert stat.S_IMODE((emulator.home / "users.json").stat().st_mode) == 0o600


def test_an_event_reaches_the_three_queues_as_it_is(emulator: Emulator, resources: Resources) -> None:
    """Raw: the body of each message is what was published."""
    sqs = emulator.client("sqs")
    emulator.client("sns").publish(TopicArn=resources.payment_topic_arn, Message='{"an": "event"}')
    for name in PAYMENT_QUEUES.values():
        queue = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        (message,) = until(lambda queue=queue: sqs.receive_message(QueueUrl=queue).get("Messages"))
        assert message["Body"] == '{"an": "event"}'


@pytest.mark.parametrize("service", SERVICES)
def test_each_configuration_can_be_filled(service: str, resources: Resources) -> None:
    """Every variable of a service's config.json has a value on this machine."""
    elsewhere = evolve(resources, checkout_return_url='http://127.0.0.1/"')
    assert "${" not in configuration(service, elsewhere.variables(service))
