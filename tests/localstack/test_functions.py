"""Functions of LocalStack as processes: what callers see of them, as they would on Lambda."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from common import errors
from common.aws.functions import LambdaFunctions
from local.emulator import clients
from local.localstack import install
from local.paths import LOOPBACK
from tests.local.emulators import Emulator, until
from tests.localstacks import LocalStack

COUNTS = """
import time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    exec(event or "")
    return calls
"""


@pytest.fixture
def emulator(localstack: LocalStack | None) -> Iterator[Emulator]:
    """LocalStack, asked in the way in which the shop's emulator is."""
    if localstack is None or localstack.home is None:
        pytest.skip("LocalStack runs functions as processes where --localstack starts it, on this machine")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", localstack.endpoint)
        yield Emulator(localstack.home, corrected=True)


def _told(emulator: Emulator, name: str, event: object = None) -> dict[str, Any]:
    """How a call of the function failed."""
    answer = emulator.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    assert "FunctionError" in answer
    told: dict[str, Any] = json.loads(answer["Payload"].read())
    return told


def test_the_adapter_of_internal_calls(emulator: Emulator) -> None:
    """A value comes back, an error is raised as its own, and a function that fails is `Unavailable`."""
    emulator.function(
        "tea-local-brew", "def handler(event, context):\n    return event['arguments']['answer']\n"
    )
    functions = LambdaFunctions("local", clients.signed)
    assert functions.call("tea", "brew", {"answer": {"value": ["ünïcode ☕", None]}}) == ["ünïcode ☕", None]
    missing = {"error": {"kind": "NotFound", "message": "There is no tea."}}
    with pytest.raises(errors.NotFound, match=r"There is no tea\."):
        functions.call("tea", "brew", {"answer": missing})
    for function in ("brew", "nothing"):
        with pytest.raises(errors.Unavailable, match="The tea service"):
            functions.call("tea", function, {})


def test_an_exception_is_told_and_the_process_lives_on(emulator: Emulator) -> None:
    """Its class, its text and where it was; what the process keeps is kept."""
    emulator.function("raises", COUNTS)
    assert emulator.call("raises") == 1
    told = _told(emulator, "raises", "raise LookupError('lost')")
    assert (told["errorType"], told["errorMessage"]) == ("LookupError", "lost")
    assert "handler" in told["stackTrace"][0]
    assert emulator.call("raises") == 3


@pytest.mark.parametrize(
    ("code", "kind"),
    [("import os; os._exit(1)", "Runtime.ExitError"), ("time.sleep(60)", "Sandbox.Timedout")],
)
def test_one_that_does_not_answer_begins_anew(emulator: Emulator, code: str, kind: str) -> None:
    """A process that ended, or took longer than the function may, is told of; the next call has a new one."""
    name = kind.replace(".", "-")
    emulator.function(name, COUNTS)
    emulator.client("lambda").update_function_configuration(FunctionName=name, Timeout=2)
    until(lambda: emulator.call(name))
    assert _told(emulator, name, code)["errorType"] == kind
    assert emulator.call(name) == 1


def test_one_that_cannot_be_imported_is_told(emulator: Emulator) -> None:
    """As Lambda tells it."""
    emulator.function("imports", "import nothing_of_this_name\n")
    assert _told(emulator, "imports")["errorType"] == "Runtime.ImportModuleError"


def test_it_has_what_lambda_gives_it(emulator: Emulator) -> None:
    """Its own interpreter, its name, a deadline; nothing of LocalStack's or of the shell's environment."""
    code = """
import os, sys
def handler(event, context):
    told = {"left": context.get_remaining_time_in_millis(), "request": context.aws_request_id}
    return told | {"python": sys.executable, "env": dict(os.environ)}
"""
    emulator.function("looks", code)
    told = emulator.call("looks")
    assert Path(told["python"]).parent == install.FUNCTIONS / "bin"
    assert 0 < told["left"] <= 20_000
    assert told["request"]
    assert told["env"]["AWS_LAMBDA_FUNCTION_NAME"] == "looks"
    assert told["env"]["AWS_ENDPOINT_URL"] == emulator.client("lambda").meta.endpoint_url
    assert not {"FILESYSTEM_ROOT", "GATEWAY_LISTEN", "VIRTUAL_ENV", "SHOP_HOME"} & told["env"].keys()


def test_what_it_prints_is_in_its_log(emulator: Emulator) -> None:
    """All of it, once, up to the last line before the answer."""
    emulator.function("prints", "def handler(event, context):\n    print('first')\n    print('läst')\n")
    emulator.call("prints")
    emulator.call("prints")

    def logged() -> list[str]:
        logs = emulator.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/prints")["logGroups"]
        return [
            event["message"].strip()
            for group in groups
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
        ]

    until(lambda: len(logged()) >= 4)
    assert logged() == 2 * ["first", "läst"]


def test_twenty_calls_at_once_have_four_processes(emulator: Emulator) -> None:
    """Each is answered, and no more processes are started than that."""
    emulator.function(
        "busy", "import os, time\ndef handler(event, context):\n    time.sleep(0.2)\n    return os.getpid()\n"
    )
    with ThreadPoolExecutor(20) as crowd:
        pids = list(crowd.map(lambda _: emulator.call("busy"), range(20)))
    assert 1 < len(set(pids)) <= 4


def test_nobody_else_can_reach_it(localstack: LocalStack, emulator: Emulator) -> None:
    """It listens on the loopback address only: not even on another one of this machine's own."""
    number = urlsplit(localstack.endpoint).port
    socket.create_connection((LOOPBACK, number), 5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", number), 5)
