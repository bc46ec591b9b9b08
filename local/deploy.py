"""Deploy the six services into the emulator: Chalice's own packages, by Chalice's own deployment.

Nothing is written into the checkout. Each service is copied to `build` of the shop's home, with the
`${var.NAME}` of its .chalice/config.json filled in, and `chalice deploy` runs there. What has not changed
since it was deployed is not deployed again.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from attrs import frozen

from local import elsewhere
from local.emulator.clients import client, environment
from local.emulator.server import address
from local.errors import LocalError
from local.paths import HOME, LOOPBACK, ROOT, TOOLS, port, write_atomically
from local.processes import log_file

STAGE = "local"
Report = Callable[[str], None]

# What pip found for a set of requirements, shared by all shops of this checkout.
PACKAGES = TOOLS / "packages"
_RUNNER = (sys.executable, "-m", "local.chalice_runner")

COPIED = ("app.py", "chalicelib", "requirements.txt")
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store", ".mypy_cache", ".ruff_cache")


@frozen
class Deployed:
    """What is running of a service."""

    service: str
    fingerprint: str
    """Of everything that went into it."""
    functions: Sequence[str]
    """The names of its Lambda functions."""
    rest_api_id: str | None


class Placeholder(Template):
    """`${var.NAME}`, as Terraform writes it; `roles.NAME` is a name, too."""

    braceidpattern = r"var\.[a-z_]+(?:\.[a-z_]+)?"
    idpattern = r"(?!)"


def deploy(
    services: Iterable[str],
    variables: Callable[[str], Mapping[str, str]],
    home: Path = HOME,
    checkout: Path = ROOT,
    report: Report = print,
) -> dict[str, Deployed]:
    """Deploy those services, side by side, that changed or are not there; return what runs of all of them.

    `variables` gives, for a service, the value of each `${var.NAME}` in its config.json. Raises LocalError
    with a sentence for each service that could not be deployed; the others are.
    """
    wanted = list(services)
    configurations = {service: configuration(service, variables(service), checkout) for service in wanted}
    known = deployed(home)
    current = _functions_there(home) if known else set()
    results: dict[str, Deployed] = {}
    changed = []
    for service in wanted:
        before = known.get(service)
        fingerprint = _fingerprint(service, configurations[service], home, checkout)
        if before and before.fingerprint == fingerprint and current.issuperset(before.functions):
            results[service] = before
        else:
            if before and not current.intersection(before.functions):
                # The emulator is a new one: what Chalice remembers of the old one would mislead it.
                shutil.rmtree(build_folder(service, home) / ".chalice" / "deployed", ignore_errors=True)
            changed.append((service, fingerprint))

    outcomes = list(_deploy_changed(dict(changed), configurations, home, checkout, report))
    results |= {outcome.service: outcome for outcome in outcomes if isinstance(outcome, Deployed)}
    if changed:
        _record({**known, **results}, home)
    problems = [str(outcome) for outcome in outcomes if isinstance(outcome, LocalError)]
    if problems:
        raise LocalError("\n".join(problems))
    return results


def deployed(home: Path = HOME) -> dict[str, Deployed]:
    """What was deployed last, by service."""
    try:
        records = json.loads((home / "deployed.json").read_text(encoding="utf-8"))
        return {service: Deployed(**record) for service, record in records.items()}
    except (FileNotFoundError, ValueError, TypeError):
        return {}


def configuration(service: str, variables: Mapping[str, str], checkout: Path = ROOT) -> str:
    """The text of its .chalice/config.json, filled in; LocalError names a variable without value."""
    file = checkout / service / ".chalice" / "config.json"
    # Inside a JSON string, so a quotation mark in a value has to be escaped.
    values = {f"var.{name}": json.dumps(value)[1:-1] for name, value in variables.items()}
    try:
        return Placeholder(file.read_text(encoding="utf-8")).substitute(values)
    except KeyError as error:
        raise LocalError(
            f"{file} asks for {error.args[0]}, which has no value on this machine. "
            "Give it one in Resources.variables of local/provision.py."
        ) from None


def build(service: str, filled: str, home: Path = HOME, checkout: Path = ROOT) -> Path:
    """Copy a service to where it is packaged, with its configuration filled in; return that folder."""
    source, target = checkout / service, build_folder(service, home)
    target.mkdir(parents=True, exist_ok=True)
    for name in (*COPIED, "vendor"):
        path = target / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name in COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=IGNORED)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)
    shutil.copytree(checkout / "common", target / "vendor" / "common", ignore=IGNORED)
    write_atomically(target / ".chalice" / "config.json", filled)
    # requirements.txt names ../constraints.txt, as it does in the checkout.
    pins = target.parent / "constraints.txt"
    text = (checkout / "constraints.txt").read_text(encoding="utf-8")
    if not pins.exists() or pins.read_text(encoding="utf-8") != text:
        write_atomically(pins, text)
    return target


def forget_packages(folder: Path) -> None:
    """Let Chalice package the service in this folder anew.

    It keeps each package, by what the service asks for, and not by what slim.py leaves out.
    """
    shutil.rmtree(folder / ".chalice" / "deployments", ignore_errors=True)


def serve(service: str, filled: str, home: Path = HOME) -> int:
    """Run `chalice local` on a copy of the service, against the running stores, until Ctrl-C.

    `filled` is its configuration. Prints the address; returns the exit status.
    """
    number = port("service", home)
    folder = build(service, filled, home)
    print(f"{service} listens on http://{LOOPBACK}:{number} (Ctrl-C ends it)", flush=True)
    command = ["local", "--stage", STAGE, "--host", LOOPBACK, "--port", str(number), "--no-autoreload"]
    process = subprocess.Popen(
        [*_RUNNER, str(folder), str(PACKAGES), *command],
        cwd=ROOT,
        env=_environment(home) | json.loads(filled)["environment_variables"],
    )
    # Ctrl-C reaches both; the other one decides when it has ended.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        status = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return 0 if status in (0, -signal.SIGINT, 130) else status


def _deploy_changed(
    fingerprints: Mapping[str, str],
    configurations: Mapping[str, str],
    home: Path,
    checkout: Path,
    report: Report,
) -> Iterator[Deployed | LocalError]:
    """Deploy these services at once; give, as each has ended, what runs or what went wrong."""
    if not fingerprints:
        return
    began = time.monotonic()
    services, jobs = {}, {}
    for service in fingerprints:
        try:
            folder = build(service, configurations[service], home, checkout)
            forget_packages(folder)
            log = log_file(f"deploy-{service}", home)
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_bytes(b"")
        except OSError as error:
            yield LocalError(f"{service} could not be deployed: {error}. Mend that, then try again.")
            continue
        services[str(folder)], jobs[str(folder)] = service, str(log)
    with subprocess.Popen(
        [*_RUNNER, "--side-by-side", str(PACKAGES), "deploy", "--stage", STAGE],
        cwd=checkout,
        env=_environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - they are pipes
        with process.stdin as given:
            json.dump(jobs, given)
        for line in process.stdout:
            outcome = json.loads(line)
            service = services.pop(outcome["folder"])
            if outcome["status"]:
                yield LocalError(_sentence(service, Path(jobs[outcome["folder"]])))
                continue
            state = Path(outcome["folder"], ".chalice", "deployed", f"{STAGE}.json")
            resources = json.loads(state.read_text(encoding="utf-8"))["resources"]
            report(f"  {service} is deployed after {time.monotonic() - began:.1f} s")
            yield _read_state(service, fingerprints[service], resources)
    # Those that the runner did not live to report.
    for name, service in services.items():
        yield LocalError(_sentence(service, Path(jobs[name])))


def _read_state(service: str, fingerprint: str, resources: Sequence[Mapping[str, Any]]) -> Deployed:
    arns = [r["lambda_arn"] for r in resources if r["resource_type"] == "lambda_function"]
    api = next((r["rest_api_id"] for r in resources if r["resource_type"] == "rest_api"), None)
    return Deployed(service, fingerprint, [arn.rpartition(":")[2] for arn in arns], api)


def _environment(home: Path) -> dict[str, str]:
    # On one file system with the kept packages, so that Chalice's own copies cost nothing.
    temporary = home / "build" / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return environment(home) | {
        "PYTHONPATH": str(ROOT),
        # Files that Python compiles while it imports the app must not end up in its package.
        "PYTHONPYCACHEPREFIX": str(TOOLS / "compiled"),
        # Nor is each to be compiled every time, where the shell forbids bytecode.
        "PYTHONDONTWRITEBYTECODE": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TMPDIR": str(temporary),
    }


def _sentence(service: str, log: Path) -> str:
    """What went wrong, by the log of a failed deployment."""
    text = log.read_text(encoding="utf-8", errors="replace")
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it printed nothing")
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return f"{service} could not be deployed: the disk is full. Make room, then try again."
    if last.startswith(("PackagesMissingError", "NoSuchPackageError", "PackageDownloadError")):
        return (
            f"{service} could not be packaged: {last.partition(': ')[2]}. Is the package registry in reach, "
            f"and are the pins in {service}/requirements.txt right? pip's own words are in {log}."
        )
    if "Could not connect to the endpoint URL" in text or "Connection refused" in text:
        return f"{service} could not be deployed: the AWS emulator does not answer. Start it by `make up`."
    return f"{service} could not be deployed: {last}\n  The whole story is in {log}."


def _fingerprint(service: str, filled: str, home: Path, checkout: Path) -> str:
    """Of all that decides what `deploy` would do."""
    digest = hashlib.sha256()
    texts = [filled, address(home), sys.version, version("chalice"), version("pip")]
    tools = [Path(__file__).with_name(name) for name in ("api_gateway.py", "chalice_runner.py", "slim.py")]
    files = [Path(__file__), *tools, checkout / "constraints.txt"]
    for text in texts:
        digest.update(text.encode() + b"\0")
    for file in files:
        digest.update(file.read_bytes())
    for name in (*(Path(service, copied) for copied in COPIED), Path("common")):
        for file in _files(checkout / name):
            digest.update(f"{file.relative_to(checkout)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = []
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name not in IGNORED(folder, folders)]
        found += [Path(folder, name) for name in set(names) - IGNORED(folder, names)]
    return sorted(found)


def _functions_there(home: Path) -> set[str]:
    """The names of all functions that the emulator has."""
    pages = client("lambda", home).get_paginator("list_functions").paginate()
    return {function["FunctionName"] for page in pages for function in page["Functions"]}


def _record(records: Mapping[str, Deployed], home: Path) -> None:
    values = {
        service: {
            "service": service,
            "fingerprint": record.fingerprint,
            "functions": list(record.functions),
            "rest_api_id": record.rest_api_id,
        }
        for service, record in records.items()
    }
    write_atomically(home / "deployed.json", json.dumps(values, indent=2) + "\n")


def build_folder(service: str, home: Path = HOME) -> Path:
    """Where a service is packaged. What Chalice remembers there is true of one emulator: each has its own."""
    away = elsewhere.aws()
    return home / "build" / (urlsplit(away).netloc.replace(":", "-") if away else "") / service
