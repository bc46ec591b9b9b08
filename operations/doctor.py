"""What a shop needs and lacks, on this machine or in an account, each with its mend."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from attrs import frozen

from local import processes
from local.paths import HOME
from local.services import CONSUMERS
from operations.dead_letters import queue_of, waiting
from operations.errors import Status, sentence
from operations.place import HERE, Place, functions
from operations.say import Json, as_json, details, plural, say

BYTES_TO_RUN = 500_000_000


class State(StrEnum):
    """Whether something is as it must be; what is only useful may be missing."""

    WELL = "well"
    MISSING = "missing"
    OPTIONAL = "optional"


@frozen
class Finding:
    """One thing that was looked at, what was seen, and what to do if that is not well."""

    name: str
    state: State
    seen: str
    mend: str = ""


Check = Callable[[Place], Iterable[Finding]]


def doctor(*, json: Json = False, place: Place = HERE) -> Status:
    """Look for what the shop needs and lacks, and say how to mend each.

    Ends with 3 where something is missing.
    """
    checks = _LOCAL if place.is_local else _ON_AWS
    findings = list(examine(place, checks[:1]))
    if all(one.state is not State.MISSING for one in findings):
        findings += examine(place, checks[1:])
    missing = [one for one in findings if one.state is State.MISSING]
    if json:
        as_json(findings)
    else:
        for one in findings:
            sign = {State.WELL: "[green]✓[/]", State.MISSING: "[red]✗[/]", State.OPTIONAL: "[yellow]-[/]"}
            say(f"{sign[one.state]} [bold]{one.name}[/]: {details(one.seen)}")
            if one.mend and one.state is not State.WELL:
                say(f"    → {details(one.mend)}")
        say(
            f"\n{plural(len(missing), 'thing')} to mend."
            if missing
            else f"\n{place.name.capitalize()} has all that it needs."
        )
    return Status.FOUND if missing else Status.WELL


def examine(place: Place, checks: Iterable[Check]) -> Iterator[Finding]:
    """What the checks find. One that fails is a finding of its own, and the others go on."""

    def tried(check: Check) -> list[Finding]:
        try:
            return list(check(place))
        except Exception as error:
            told = sentence(error) or f"{type(error).__name__}: {error}"
            name = check.__name__.strip("_").replace("_", " ")
            return [Finding(name, State.MISSING, told, "Mend that, then look again.")]

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(tried, checks):
            yield from found


def _finding(name: str, problem: str, mend: str, well: str = "as it must be") -> Finding:
    return Finding(name, State.MISSING, problem, mend) if problem else Finding(name, State.WELL, well)


# On this machine


def _servers(place: Place) -> Iterator[Finding]:
    running = processes.status(HOME)
    stopped = [name for name, runs in running.items() if not runs]
    problem = f"{', '.join(stopped)} stopped" if stopped else ""
    if not (HOME / "shop.json").exists():
        problem = "the shop is not up"
    yield _finding("Servers", problem, "make up", f"{plural(len(running), 'server')} run")


def _disk(place: Place) -> Iterator[Finding]:
    left = shutil.disk_usage(HOME).free
    problem = f"{left / 1e6:.0f} MB are left" if left < BYTES_TO_RUN else ""
    mend = f"Make room on the disk that holds {HOME}; make down, before it is full."
    yield _finding("Disk", problem, mend, f"{left / 1e9:.1f} GB are left")


def _programs(place: Place) -> Iterator[Finding]:
    useful = {
        "chromium": "the tests of the storefront look at its pages; on Debian: apt install chromium",
        "terraform": "make test checks the plan with it; else those checks are skipped",
        "docker": "only to run the stores as containers: docs/docker.md",
    }
    for name, why in useful.items():
        found = shutil.which(name)
        yield Finding(
            name.capitalize(),
            State.WELL if found else State.OPTIONAL,
            "is there" if found else "is not here",
            why,
        )


# On AWS


def _credentials(place: Place) -> Iterator[Finding]:
    who = place.aws("sts").get_caller_identity()
    yield Finding("Credentials", State.WELL, f"{who['Arn']} in {place.aws('sts').meta.region_name}")


def _alarms(place: Place) -> Iterator[Finding]:
    found = place.aws("cloudwatch").describe_alarms(
        StateValue="ALARM", AlarmNamePrefix=f"shop-{place.stage}-", MaxRecords=100
    )
    names = [alarm["AlarmName"] for alarm in found["MetricAlarms"]]
    yield _finding(
        "Alarms", ", ".join(names), "Each has a runbook of its name in docs/runbooks.", "none is on"
    )


def _mail(place: Place) -> Iterator[Finding]:
    account = place.aws("sesv2").get_account()
    problem = ""
    if not account.get("ProductionAccessEnabled"):
        problem = "SES is in its sandbox: it mails to verified addresses only"
    elif not account.get("SendingEnabled"):
        problem = "SES sends nothing any more"
    yield _finding(
        "Mail", problem, "Ask for production access: docs/to-aws.md; or see docs/runbooks/mail-bounces.md."
    )


# Everywhere


def _functions(place: Place) -> Iterator[Finding]:
    pages = place.aws("lambda").get_paginator("list_functions").paginate()
    states = {one["FunctionName"]: one.get("State", "Active") for page in pages for one in page["Functions"]}
    wanted = [place.function(service, name) for service, names in functions().items() for name in names]
    wrong = [name for name in wanted if states.get(name) != "Active"]
    problem = (
        f"{plural(len(wrong), 'function')} of {len(wanted)} not there or not active: {', '.join(wrong)}"
        if wrong
        else ""
    )
    mend = "make up" if place.is_local else "make package, then terraform apply: docs/to-aws.md"
    yield _finding("Functions", problem, mend, f"all {len(wanted)} are there")


def _queues(place: Place) -> Iterator[Finding]:
    client = place.aws("lambda")
    mend = "make up" if place.is_local else "terraform apply"
    for service in CONSUMERS:
        name = place.function(service, "on_payment")
        mappings = client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        states = {mapping["State"] for mapping in mappings}
        problem = "" if "Enabled" in states else f"{name} takes nothing: {', '.join(states) or 'no mapping'}"
        yield _finding(f"Queue of {service}", problem, mend, "is read")


def _dead_letters(place: Place) -> Iterator[Finding]:
    counts = {queue_of(service): waiting(place.aws("sqs"), queue_of(service)) for service in CONSUMERS}
    problem = ", ".join(f"{count} in {queue}" for queue, count in counts.items() if count)
    yield _finding(
        "Dead letters", problem, "shop dlq show tells why: docs/runbooks/dead-letters.md", "none waits"
    )


def _files(place: Place) -> Iterator[Finding]:
    place.aws("s3").head_bucket(Bucket=place.bucket)
    yield Finding("Bucket of the invoices", State.WELL, place.bucket)


def _stuck_orders(place: Place) -> Iterator[Finding]:
    found: list[Any] = place.call("order", "find_stuck", minutes=5)
    problem = f"{plural(len(found), 'order')} stuck" if found else ""
    yield _finding("Orders", problem, "shop orders stuck", "none is stuck")


_EVERYWHERE: list[Check] = [_functions, _queues, _dead_letters, _files, _stuck_orders]
# The first one decides whether there is any sense in the others.
_LOCAL: list[Check] = [_servers, _disk, *_EVERYWHERE, _programs]
_ON_AWS: list[Check] = [_credentials, *_EVERYWHERE, _alarms, _mail]
