"""Deployment of a small service by the real Chalice, into an emulator of its own."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import frozen

from local import processes
from local.deploy import build, configuration, deploy, deployed
from local.emulator.credentials import ACCOUNT_ID
from local.emulator.server import address
from local.errors import LocalError
from local.processes import log_file
from tests.local.emulators import TRUST, Emulator
from tests.local.shop_homes import new_home, quiet

APP = """
import os
from chalice import Chalice
from chalicelib.hello.words import WORD
from common.mark import MARK
app = Chalice(app_name="hello")

@app.lambda_function(name="greet")
def greet(event, context):
    return f"{WORD} {os.environ['NAME']}{MARK}"

@app.on_sqs_message(queue=os.environ.get("QUEUE", "q"), name="on_message")
def on_message(event):
    return {"batchItemFailures": []}

@app.route("/orders")
def orders():
    return {}
"""
CONFIGURATION = {
    "version": "2.0",
    "app_name": "hello",
    "manage_iam_role": False,
    "iam_role_arn": "${var.role_arn}",
    "environment_variables": {"NAME": "${var.name}", "QUEUE": "${var.queue}"},
    "stages": {"local": {}},
}
ROLE = "hello"


@frozen
class Shop:
    """A checkout with one service, and the emulator that it is deployed into."""

    checkout: Path
    emulator: Emulator

    def deploy(self, services: tuple[str, ...] = ("hello",), name: str = 'Zoë "1"') -> list[str]:
        """Deploys, and returns what was reported."""
        said: list[str] = []
        deploy(services, lambda _: self.variables(name), self.emulator.home, self.checkout, said.append)
        return said

    def variables(self, name: str) -> Mapping[str, str]:
        return {"role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/{ROLE}", "name": name, "queue": "hellos"}

    def write(self, path: str, text: str) -> None:
        file = self.checkout / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def add_service(self, service: str, app: str) -> None:
        self.write(f"{service}/app.py", app)
        self.write(f"{service}/chalicelib/hello/words.py", 'WORD = "Hello"\n')
        self.write(f"{service}/requirements.txt", "-c ../constraints.txt\n")
        self.write(f"{service}/.chalice/config.json", json.dumps({**CONFIGURATION, "app_name": service}))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    emulator = Emulator(new_home(tmp_path / "home"), corrected=True).start()
    shop = Shop(tmp_path / "checkout", emulator)
    shop.add_service("hello", APP)
    shop.write("common/mark.py", 'MARK = "."\n')
    shop.write("constraints.txt", "")
    emulator.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    emulator.client("sqs").create_queue(QueueName="hellos")
    yield shop
    processes.stop(None, emulator.home, report=quiet)


def test_a_service_is_deployed_once_and_again_when_it_changes(shop: Shop) -> None:
    """It runs from its package; deployed again unchanged, nothing is done; each kind of change is."""
    assert len(shop.deploy()) == 1
    assert shop.emulator.call("hello-local-greet") == 'Hello Zoë "1".'
    assert shop.deploy() == []
    shop.write("hello/chalicelib/hello/words.py", 'WORD = "Good morning"\n')
    shop.write("common/mark.py", 'MARK = "!"\n')
    assert len(shop.deploy()) == 1
    assert shop.emulator.call("hello-local-greet") == 'Good morning Zoë "1"!'
    assert len(shop.deploy(name="Ada")) == 1
    assert shop.emulator.call("hello-local-greet") == "Good morning Ada!"


def test_a_changed_service_stays_the_same_resources(shop: Shop) -> None:
    """After two deployments there is one mapping, which understands batchItemFailures, and one API."""
    shop.deploy()
    before = deployed(shop.emulator.home)["hello"]
    shop.deploy(name="Ada")
    after = deployed(shop.emulator.home)["hello"]
    (mapping,) = shop.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (api,) = shop.emulator.client("apigateway").get_rest_apis()["items"]
    assert before.rest_api_id == after.rest_api_id == api["id"]
    assert set(after.functions) == {"hello-local", "hello-local-greet", "hello-local-on_message"}


def test_to_and_fro_between_emulators(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On each it stays the same resources, whichever was deployed to in between."""
    other = Emulator(new_home(tmp_path / "other"), corrected=True).start()
    try:
        other.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
        other.client("sqs").create_queue(QueueName="hellos")
        both = [emulator.client("lambda") for emulator in (shop.emulator, other)]
        for _ in range(2):
            shop.deploy()
            with monkeypatch.context() as environment:
                environment.setenv("AWS_ENDPOINT_URL", address(other.home))
                shop.deploy()
        for functions in both:
            assert len(functions.list_event_source_mappings()["EventSourceMappings"]) == 1
    finally:
        processes.stop(None, other.home, report=quiet)


def test_an_app_that_cannot_be_imported_is_told(shop: Shop) -> None:
    """A sentence with the error and the log's place; the other services are deployed all the same."""
    shop.add_service("broken", "from chalicelib.hello.words import WORDS\n")
    with pytest.raises(LocalError) as told:
        shop.deploy(("hello", "broken"))
    assert "broken could not be deployed" in str(told.value)
    assert "cannot import name 'WORDS'" in str(told.value)
    assert str(log_file("deploy-broken", shop.emulator.home)) in str(told.value)
    assert "Traceback" not in str(told.value)
    assert set(deployed(shop.emulator.home)) == {"hello"}


def test_a_package_that_cannot_be_had_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a registry, and nothing kept, the sentence asks for one; nothing half is deployed."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    shop.write("hello/requirements.txt", "-c ../constraints.txt\nattrs==26.1.0\niniconfig==0.1\n")
    with pytest.raises(LocalError, match=r"Is the package registry in reach"):
        shop.deploy()
    assert not shop.emulator.client("lambda").list_functions()["Functions"]


def test_an_emulator_that_is_away_is_told(shop: Shop) -> None:
    """A sentence says what to start."""
    shop.emulator.kill()
    with pytest.raises(LocalError, match=r"emulator does not answer. Start it by `make up`"):
        shop.deploy()


def test_a_new_emulator_gets_everything_again(shop: Shop) -> None:
    """When the emulator has forgotten the functions, they are deployed though nothing changed."""
    shop.deploy()
    functions = shop.emulator.client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.delete_function(FunctionName=function["FunctionName"])
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    assert len(shop.deploy()) == 1
    assert shop.emulator.call("hello-local-greet") == 'Hello Zoë "1".'


def test_a_variable_without_value_is_named(shop: Shop) -> None:
    """config.json may ask only for what this machine can give."""
    with pytest.raises(LocalError, match=r"config.json asks for var.queue"):
        configuration("hello", {"role_arn": "r", "name": "n"}, shop.checkout)


def test_a_package_holds_what_runs_and_nothing_else(shop: Shop) -> None:
    """No test, cache or left-over of an earlier copy is in the folder that is packaged."""
    home = shop.emulator.home
    filled = configuration("hello", shop.variables("n"), shop.checkout)
    for path in ("chalicelib/hello/__pycache__/a.pyc", "chalicelib/hello/gone.py", "tests/test_a.py", ".env"):
        shop.write(f"hello/{path}", "")
    build("hello", filled, home, shop.checkout)
    (shop.checkout / "hello/chalicelib/hello/gone.py").unlink()
    folder = build("hello", filled, home, shop.checkout)
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert found == {
        "app.py",
        "requirements.txt",
        "chalicelib/hello/words.py",
        "vendor/common/mark.py",
        ".chalice/config.json",
    }
