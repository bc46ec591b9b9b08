"""Corrections of Lambda: how functions are run."""

import hashlib
import os
import queue
import shutil
import subprocess
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from local.emulator.settings import Settings, core, replace_once, service, wrap

# How many processes one function has at most.
MOST_PROCESSES = 4
END_OF_LOG = "\x02end-of-invocation\x03"


def own_interpreter(settings: Settings) -> None:
    """Run functions with their own interpreter, which has boto3 only, as Lambda's runtime has.

    MiniStack runs them with its own, so that a package missing from a zip would be found there by chance.
    """

    def make(original: Any) -> Any:
        def detect(runtime: str) -> Any:
            binary, script = original(runtime)
            return (str(settings.python), script) if runtime.startswith("python") else (binary, script)

        return detect

    wrap(core("lambda_runtime"), "_detect_runtime_binary", make)


def clean_environment(settings: Settings) -> None:
    """Start functions with the variables that Lambda gives them, and none of the emulator's own.

    A function's own variables are added by MiniStack after its process has started.
    """
    runtime = core("lambda_runtime")
    kept = ("AWS_", "_LAMBDA_", "LAMBDA_TASK_ROOT", "_X_AMZN_")
    temporary = str(settings.state / "tmp")

    def start(command: list[str], *, env: dict[str, str], **named: Any) -> Any:
        clean = {name: value for name, value in env.items() if name.startswith(kept)}
        clean |= {
            "PATH": f"{settings.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": temporary,
            "TMPDIR": temporary,
            "PYTHONUTF8": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{env['AWS_LAMBDA_FUNCTION_NAME']}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        }
        return subprocess.Popen(command, env=clean, **named)

    runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": start})


def shared_code(settings: Settings) -> None:
    """Unpack each deployment package once for all processes of all functions that run it.

    MiniStack unpacks it for each process, so Python compiles everything anew at each cold start: 25 functions
    of six packages would do so 25 times.
    """
    runtime = core("lambda_runtime")
    packages = settings.state / "packages"
    lock = threading.Lock()

    class Package(zipfile.ZipFile):
        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()[:32]
            unpacked = packages / digest
            with lock:
                if not unpacked.exists():
                    new = packages / f"{digest}.new"
                    shutil.rmtree(new, ignore_errors=True)
                    super().extractall(new)
                    new.rename(unpacked)
            os.utime(unpacked)
            code = Path(path)
            code.rmdir()
            code.symlink_to(unpacked)

    def forget_old_packages() -> None:
        month = 30 * 24 * 3600
        for folder in packages.iterdir() if packages.exists() else ():
            if time.time() - folder.stat().st_mtime > month:
                shutil.rmtree(folder, ignore_errors=True)

    forget_old_packages()
    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": Package})


def few_processes(_: Settings) -> None:
    """Let a call wait for one of a few processes of its function, rather than start another one.

    MiniStack starts a process for each call that finds none idle, as Lambda does, which has more machines.
    Here twenty customers who order at once in a shop that has just started would start sixty processes, and
    wait longer than API Gateway does until these have imported what they need.
    """
    lambda_service = service("lambda_svc")
    processes: dict[str, threading.Semaphore] = {}
    lock = threading.Lock()

    def make(original: Any) -> Any:
        def execute(function: Any, event: Any, request_id: str) -> Any:
            name = (function.get("config") or function).get("FunctionName", "")
            with lock:
                free = processes.setdefault(name, threading.Semaphore(MOST_PROCESSES))
            with free:
                return original(function, event, request_id)

        return execute

    wrap(lambda_service, "_execute_function_warm", make)


def warm_latency(_: Settings) -> None:
    """Know when the last line of an invocation's log has come, instead of waiting for silence.

    MiniStack waits up to 50 ms after each invocation for lines that may still come. Here the process writes
    a mark behind the last one.
    """
    runtime = core("lambda_runtime")
    found = "        handler_fn = getattr(mod, handler_name)\n"
    marked = f"""{found}\
        _unmarked_handler = handler_fn
        def handler_fn(event, context):
            try:
                return _unmarked_handler(event, context)
            finally:
                sys.stdout.flush()
                sys.stderr.write({END_OF_LOG!r} + "\\n")
                sys.stderr.flush()
"""
    runtime._PYTHON_WORKER_SCRIPT = replace_once(runtime._PYTHON_WORKER_SCRIPT, found, marked)

    def make(original: Any) -> Any:
        def drain(self: Any, *rest: Any, **named: Any) -> str:
            if type(self) is not runtime.Worker or not str(self.config.get("Runtime", "")).startswith(
                "python"
            ):
                return str(original(self, *rest, **named))
            lines: list[str] = []
            end = time.monotonic() + 0.25
            while True:
                try:
                    line = self._stderr_queue.get(timeout=max(0.0, end - time.monotonic()))
                except queue.Empty:
                    # The process died, and wrote no mark.
                    return "\n".join(lines)
                if line.endswith(END_OF_LOG):
                    return "\n".join([*lines, *filter(None, [line.removesuffix(END_OF_LOG)])])
                lines.append(line)

        return drain

    wrap(runtime.Worker, "_drain_stderr_bounded", make)


def states_at_once(_: Settings) -> None:
    """Make a created or updated function active before the call returns.

    MiniStack lets half a second pass in a thread of its own; a kill in between would leave the function
    pending for ever.
    """
    lambda_service = service("lambda_svc")
    settled = {
        "State": "Active",
        "StateReason": "",
        "StateReasonCode": "",
        "LastUpdateStatus": "Successful",
        "LastUpdateStatusReason": "",
        "LastUpdateStatusReasonCode": "",
    }

    def settle(name: str, _: float) -> None:
        function = lambda_service._functions.get(name) or {}
        records = [function, *function.get("versions", {}).values()]
        for config in filter(None, (record.get("config") for record in records)):
            config.update(settled)

    wrap(lambda_service, "_schedule_state_transition", lambda _: settle)


def error_types(_: Settings) -> None:
    """Report a failed invocation as Lambda does, and keep the process after an exception.

    errorType is the exception's class, with requestId and stackTrace, or Runtime.ExitError for a process that
    died. MiniStack says "Runtime.HandlerError" for all, and ends the process, with its connections.
    """
    runtime = core("lambda_runtime")
    lambda_service = service("lambda_svc")
    found = '"status": "error", "error": str(e), "trace": traceback.format_exc()'
    # With "error" as status MiniStack would end the process.
    told = (
        '"status": "ok", "error": str(e), "trace": traceback.format_exc(), "type": type(e).__name__, '
        '"stack": [f for f in traceback.format_tb(e.__traceback__) if "_worker.py" not in f]'
    )
    runtime._PYTHON_WORKER_SCRIPT = replace_once(runtime._PYTHON_WORKER_SCRIPT, found, told)
    last = threading.local()

    def make_invoke(original: Any) -> Any:
        def invoke(self: Any, *rest: Any, **named: Any) -> Any:
            last.result = None
            result = original(self, *rest, **named)
            if "type" in result:
                result["status"] = "error"
            last.result = result
            return result

        return invoke

    def make_execute(original: Any) -> Any:
        def execute(function: Any, event: Any, request_id: str) -> Any:
            last.result = None
            outcome = original(function, event, request_id)
            if outcome.get("error") and isinstance(outcome.get("body"), dict) and last.result:
                outcome["body"].update(_report(outcome["body"], last.result, request_id))
            return outcome

        return execute

    wrap(runtime.Worker, "invoke", make_invoke)
    wrap(lambda_service, "_execute_function_warm", make_execute)


def _report(body: dict[str, Any], result: dict[str, Any], request_id: str) -> dict[str, Any]:
    if result.get("type"):
        stack = result.get("stack") or []
        return {"errorType": result["type"], "requestId": request_id, "stackTrace": stack}
    if result.get("error") == "Worker process died":
        message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorType": "Runtime.ExitError", "errorMessage": message}
    if body.get("errorType") == "Sandbox.Timedout":
        return {"errorMessage": f"RequestId: {request_id} Error: {result['error']}"}
    return {}
