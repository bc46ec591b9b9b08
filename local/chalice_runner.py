"""Run Chalice's own command line: `python -m local.chalice_runner FOLDER PACKAGES COMMAND ...` for one app.

The real commands of the real Chalice, for each app in a process of its own, since Chalice keeps the app that
it loads. `--side-by-side PACKAGES COMMAND ...` does so for several apps, given on standard input.
Three things are quicker than Chalice does them, and none is left out:

- it asks a loopback endpoint every few milliseconds, not every five seconds, whether a function is active;
- what pip found for a requirements.txt is kept in PACKAGES, so pip runs once for each set of pins, and no
  registry is needed afterwards;
- zips are compressed as quickly as can be.

Pins and their hashes bind each call of pip: Chalice asks for some packages by name alone, without the file of
pins that requirements.txt names. What no function imports is left out of packages (slim.py), and what API
Gateway answers by itself is added to APIs (api_gateway.py). A package that cannot be had is an error here;
Chalice prints it and deploys without.
"""

import hashlib
import inspect
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen
from click.exceptions import Abort

from local import api_gateway, slim


@frozen
class PackagesMissingError(Exception):
    """Packages that pip could not get in a form that Lambda can run."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"No package for Lambda could be had of {', '.join(self.names)}"


def wait_briefly() -> None:
    """Let Chalice ask at once and often whether a function is active."""
    from chalice.awsclient import TypedAWSClient

    chalice_client: Any = TypedAWSClient

    def wait(self: Any, function_name: str) -> None:
        client = self._client("lambda")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            state = client.get_function_configuration(FunctionName=function_name)
            if "Failed" in (state.get("State"), state.get("LastUpdateStatus")):
                reason = state.get("StateReason") or state.get("LastUpdateStatusReason")
                raise RuntimeError(f"{function_name} failed: {reason}")
            if state.get("State") == "Active" and state.get("LastUpdateStatus") == "Successful":
                return
            time.sleep(0.02)
        raise RuntimeError(f"{function_name} is not active after 60 seconds")

    chalice_client._wait_for_active = wait
    chalice_client._wait_for_function_update = wait


def keep_packages(folder: Path) -> None:
    """Let Chalice use what an earlier run built for the same requirements."""
    from chalice.deploy.packager import DependencyBuilder, MissingDependencyError

    builder: Any = DependencyBuilder
    original = builder.build_site_packages

    def build(self: Any, abi: str, requirements: str, target: str) -> None:
        file = Path(requirements)
        pins = file.parent.parent / "constraints.txt"
        content = [abi, file.read_text("utf-8"), pins.read_text("utf-8"), inspect.getsource(slim)]
        kept = folder / hashlib.sha256("\n".join(content).encode()).hexdigest()[:32]
        if not kept.exists():
            new = folder / f"{kept.name}.{os.getpid()}.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            # Relative, since pip takes blanks in it for the ends of names.
            os.environ["PIP_CONSTRAINT"] = os.path.relpath(pins)
            try:
                original(self, abi, requirements, str(new))
                slim.leave_out_unused(new)
            except MissingDependencyError as error:
                shutil.rmtree(new, ignore_errors=True)
                raise PackagesMissingError(tuple(sorted(p.identifier for p in error.missing))) from error
            try:
                new.rename(kept)
            except OSError:
                # Another service with the same requirements was faster.
                shutil.rmtree(new, ignore_errors=True)
        os.utime(kept)
        shutil.copytree(kept, target, dirs_exist_ok=True, copy_function=_link)

    builder.build_site_packages = build


def compress_quickly() -> None:
    """Let a zip be written in a third of the time, and be a tenth larger.

    It goes no further than this machine, or is written anew for AWS (package.py).
    """
    from chalice.utils import ChaliceZipFile

    zip_file: Any = ChaliceZipFile
    original = zip_file.writestr

    def writestr(self: Any, item: Any, content: bytes) -> None:
        original(self, item, content, compresslevel=1)

    zip_file.writestr = writestr


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another file system, or one that knows no hard links.
        shutil.copy2(source, target)


def report_failures_one_by_one(stage: str) -> None:
    """Let each queue mapping understand which messages of a batch failed; Chalice has no setting for it."""
    import boto3

    deployed = json.loads(Path(".chalice", "deployed", f"{stage}.json").read_text("utf-8"))
    mappings = [r["event_uuid"] for r in deployed["resources"] if r["resource_type"] == "sqs_event"]
    if not mappings:
        return
    client = boto3.client("lambda")
    wanted = ["ReportBatchItemFailures"]
    for uuid in mappings:
        if client.get_event_source_mapping(UUID=uuid).get("FunctionResponseTypes") != wanted:
            client.update_event_source_mapping(UUID=uuid, FunctionResponseTypes=wanted)


def answer_in_problems() -> None:
    """Let API Gateway's own answers be problem details, as those of the services are."""
    from chalice.deploy.swagger import SwaggerGenerator

    generator: Any = SwaggerGenerator
    original = generator.generate_swagger

    def generate(self: Any, app: Any, rest_api: Any = None) -> dict[str, Any]:
        specification: dict[str, Any] = original(self, app, rest_api)
        api_gateway.add_problems(specification)
        return specification

    generator.generate_swagger = generate


def run(folder: str, packages: str, command: Sequence[str]) -> int:
    """Run the command in the folder; 1 after an error, whose last line says what it was."""
    os.chdir(folder)
    if urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname == "127.0.0.1":
        wait_briefly()
    keep_packages(Path(packages))
    compress_quickly()
    answer_in_problems()
    from chalice.cli import cli

    try:
        cli(list(command), obj={}, standalone_mode=False)
        if command[0] == "deploy":
            report_failures_one_by_one(command[command.index("--stage") + 1])
    except Abort:
        # Ctrl-C, in the words of the library that Chalice's command line is made of.
        return 130
    except Exception as error:
        # What Chalice printed before may still be waiting, and would come after the last line.
        sys.stdout.flush()
        traceback.print_exc()
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def run_side_by_side(jobs: Mapping[str, str], packages: str, command: Sequence[str]) -> None:
    """Run the command in each folder at once, its output in the log file that `jobs` gives for the folder.

    Each has a process of its own, which begins with Chalice and boto3 already imported. Prints, as soon as
    one has ended, a line of JSON with its folder and status.
    """
    import boto3  # noqa: F401
    import chalice.cli
    import chalice.deploy.packager  # noqa: F401

    folders = {}
    for folder, log in jobs.items():
        child = os.fork()
        if child == 0:
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            os.dup2(output, 1)
            os.dup2(output, 2)
            status = 1
            try:
                status = run(folder, packages, command)
                sys.stdout.flush()
                sys.stderr.flush()
            finally:
                # Nothing of the parent's is to be done a second time.
                os._exit(status)
        folders[child] = folder
    for _ in jobs:
        child, status = os.wait()
        line = {"folder": folders[child], "status": os.waitstatus_to_exitcode(status)}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    try:
        if sys.argv[1] == "--side-by-side":
            run_side_by_side(json.load(sys.stdin), sys.argv[2], sys.argv[3:])
        else:
            sys.exit(run(sys.argv[1], sys.argv[2], sys.argv[3:]))
    except KeyboardInterrupt:
        sys.exit(130)
