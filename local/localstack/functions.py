"""Functions of LocalStack as processes of this machine; it knows containers only.

In each process AWS's own runtime client asks for the next event, and answers, by Lambda's runtime API:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import fcntl
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.plugins import DockerRuntimeExecutorPlugin
from werkzeug import Request, Response
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server

# How many processes one function has at most.
MOST_PROCESSES = 4
START_SECONDS = 30
_unpacking = threading.Lock()
_RUNTIME = "/2018-06-01/runtime"
_ROUTES = Map(
    [
        Rule(f"{_RUNTIME}/invocation/next", endpoint="next", methods=["GET"]),
        Rule(f"{_RUNTIME}/invocation/<id>/response", endpoint="response", methods=["POST"]),
        Rule(f"{_RUNTIME}/invocation/<id>/error", endpoint="error", methods=["POST"]),
        Rule(f"{_RUNTIME}/init/error", endpoint="error", methods=["POST"]),
    ]
)


def as_processes(python: Path) -> None:
    """Run functions with this interpreter, which has what Lambda's has: boto3 and the runtime client."""
    _Process.python = python
    DockerRuntimeExecutorPlugin.load = lambda *_: _Process


def few_processes() -> None:
    """Let a call wait for one of a few processes of its function, rather than start another one.

    Lambda, which starts one for each call that finds none idle, has more machines.
    """
    original = AssignmentService.get_environment
    processes: dict[str, threading.Semaphore] = {}

    @contextmanager
    def get_environment(self: Any, version: str, *rest: Any) -> Iterator[Any]:
        free = processes.setdefault(version, threading.Semaphore(MOST_PROCESSES))
        with free, original(self, version, *rest) as environment:
            yield environment

    AssignmentService.get_environment = get_environment


class _Quick(WSGIRequestHandler):
    """Sends at once what it has: an answer's body would wait 40 ms for the receipt of its head."""

    disable_nagle_algorithm = True

    def log(self, *_: object) -> None:
        """Says nothing of each request."""


class _Process:
    """LocalStack's runtime executor: an environment of a function, which runs one call at a time."""

    python: Path

    def __init__(self, _: str, version: Any) -> None:
        self._version = version
        self._variables: dict[str, str] = {}
        self._log = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it is open as long as it is used
        # What the process writes is added at the end, wherever this one has read to.
        fcntl.fcntl(self._log, fcntl.F_SETFL, os.O_APPEND)
        self._server = make_server(
            "127.0.0.1", 0, Request.application(self._runtime_api), threaded=True, request_handler=_Quick
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @classmethod
    def prepare_version(cls, version: Any) -> None:
        """Unpack the code once for all functions of one package, so that Python compiles it once."""
        code, folder = version.config.code, _code_folder(version)
        with _unpacking:
            if not folder.exists():
                folder.parent.mkdir(exist_ok=True)
                code.prepare_for_execution()
                code.get_unzipped_code_location().rename(folder)

    @classmethod
    def cleanup_version(cls, version: Any) -> None:
        """Nothing is left of a version but its code, which LocalStack removes."""

    @classmethod
    def validate_environment(cls) -> bool:
        return True

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """For a client of LocalStack's own, which is not used."""
        return ""

    def get_logs(self) -> str:
        return self._printed()

    def start(self, variables: dict[str, object]) -> None:
        """Start the process; StatusErrorException with Lambda's words if the function cannot be imported."""
        code = str(_code_folder(self._version))
        temporary = tempfile.gettempdir()
        self._variables = {name: str(value) for name, value in variables.items()} | {
            "PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "HOME": temporary,
            "TMPDIR": temporary,
            "PYTHONUTF8": "1",
            "LAMBDA_TASK_ROOT": code,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
        }
        self._run()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """What the function answers, or Lambda's words where it does not. One that was killed runs anew."""
        if self._process.poll() is not None:
            self._run()
        self._events.put(payload)
        kind, body = self._answer(payload["invoke-id"], self._version.config.timeout)
        return InvocationResult(payload["invoke-id"], body, is_error=kind == "error", logs=self._printed())

    def stop(self) -> None:
        self._process.kill()
        self._server.shutdown()
        self._server.server_close()

    def _run(self) -> None:
        # An event, or None for a process that has ended and asks no longer.
        events = self._events = queue.Queue[dict[str, str] | None]()
        # ("ready", b""), ("response", body), ("error", body) or ("end", b"").
        answers = self._answers = queue.Queue[tuple[str, bytes]]()
        self._is_ready = False
        process = self._process = subprocess.Popen(
            [str(self.python), "-m", "awslambdaric", self._version.config.handler],
            cwd=self._variables["LAMBDA_TASK_ROOT"],
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

        def tell_its_end() -> None:
            process.wait()
            events.put(None)
            answers.put(("end", b""))

        threading.Thread(target=tell_its_end, daemon=True).start()
        kind, body = self._answer("init", START_SECONDS)
        if kind == "error":
            raise StatusErrorException(self._printed(), payload=body)

    def _answer(self, request_id: str, seconds: float) -> tuple[str, bytes]:
        """What comes first from the process; where nothing comes in time, it is killed."""
        try:
            kind, body = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._process.kill()
            self._process.wait()
            return _failure("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds")
        if kind == "end":
            return _failure("Runtime.ExitError", request_id, "Runtime exited without providing a reason")
        return kind, body

    def _runtime_api(self, request: Request) -> Response:
        call = _ROUTES.bind_to_environ(request.environ).match()[0]
        if call != "next":
            self._answers.put((call, request.get_data()))
            return Response(status=202)
        if not self._is_ready:
            self._is_ready = True
            self._answers.put(("ready", b""))
        event = self._events.get()
        if event is None:
            return Response(status=410)
        deadline = time.time() + self._version.config.timeout
        return Response(
            event["payload"],
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": event["invoke-id"],
                "Lambda-Runtime-Deadline-Ms": str(round(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": event["invoked-function-arn"],
                "Lambda-Runtime-Trace-Id": event["trace-id"],
            },
        )

    def _printed(self) -> str:
        """What the process wrote since it was asked last: all of it, since it writes before it answers."""
        self._log.seek(0)
        printed = self._log.read().decode("utf-8", "replace")
        self._log.truncate(0)
        return printed


def _code_folder(version: Any) -> Path:
    return Path(tempfile.gettempdir(), "code", version.config.code.code_sha256.replace("/", "-"))


def _failure(kind: str, request_id: str, message: str) -> tuple[str, bytes]:
    body = {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}"}
    return "error", json.dumps(body).encode()
