"""A new service, laid out as the others are, that hears of every payment: `make new-service NAME=loyalty`.

It has the same rooms, its queue with a dead-letter queue, its role, its place in the plan, the contracts,
the bill and the README, and a test. What it does with a payment is for somebody to write.
"""

import json
import keyword
import re
import string
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from local.errors import LocalError
from local.paths import ROOT, write_atomically
from terraform.costs import cost

ROOMS = Path(__file__).parent / "rooms"
# As the names of queues, modules of Terraform and classes of Python allow.
NAME = r"[a-z]{2,20}"

# Where each file of the service comes from.
_FILES = {
    "{service}/app.py": "app.py",
    "{service}/.chalice/config.json": "config.json",
    "{service}/requirements.txt": "requirements.txt",
    "{service}/chalicelib/{service}/__init__.py": "package",
    "{service}/chalicelib/{service}/settings.py": "settings.py",
    "{service}/chalicelib/{service}/wiring.py": "wiring.py",
    "{service}/chalicelib/{service}/use_cases/__init__.py": "use_cases",
    "{service}/chalicelib/{service}/use_cases/hear_payment.py": "hear_payment.py",
    "tests/functional/test_{service}.py": "test.py",
}


@frozen
class _Place:
    """A file that every service is named in, and how a service comes into its text."""

    path: str
    add: Callable[[str, str], str]


def new_service(name: str) -> list[Path]:
    """Lays out a service in the checkout; returns the files that were written or changed.

    Raises LocalError, and writes nothing, where the name is none, is taken, or a file that the service has to
    be named in no longer has the place for it.
    """
    _check(name)
    written = {ROOT / path.format(service=name): _filled(room, name) for path, room in _FILES.items()}
    for place in _PLACES:
        path = ROOT / place.path
        written[path] = place.add(path.read_text(encoding="utf-8"), name)
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    bill = ROOT / "docs" / "cost.md"
    write_atomically(bill, cost.document())
    vendored = ROOT / name / "vendor" / "common"
    vendored.parent.mkdir()
    vendored.symlink_to(Path("..", "..", "common"))
    return [*written, bill, vendored]


def _check(name: str) -> None:
    if not re.fullmatch(NAME, name) or keyword.iskeyword(name):
        raise LocalError(f"A service has a name of 2 to 20 small letters, such as loyalty; {name!r} is none.")
    if (ROOT / name).exists():
        raise LocalError(f"There already is a {name}. Choose another name, such as loyalty.")


def _filled(room: str, name: str) -> str:
    text = (ROOMS / f"{room}.template").read_text(encoding="utf-8")
    return string.Template(text).substitute(_versions(), service=name, Service=name.capitalize())


def _versions() -> dict[str, str]:
    """The version that the whole shop has of each package, by its name in the form of a placeholder."""
    locked = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    return {name.replace("-", "_"): pin for name, pin in re.findall(r"(?m)^([\w-]+)(==[\w.]+)", locked)}


def _to_policies(text: str, name: str) -> str:
    functions = {**json.loads(text), name: {"on_payment": ["WriteItsLogs", "TellItsTraces", "ReadItsQueue"]}}
    return json.dumps(functions, indent=2) + "\n"


def _to_plan(text: str, name: str) -> str:
    """As `terraform fmt` writes it: the names of the functions in order, the signs below each other."""
    (block,) = re.findall(r"(?ms)^  functions = \{\n(.+?)^  \}\n", text)
    services = sorted([*re.findall(r"(\w+) *= module", block), name])
    width = max(map(len, services))
    lines = "".join(f"    {one:{width}} = module.{one}.functions\n" for one in services)
    return text.replace(block, lines) + _filled("module.tf", name)


def _to_usage(text: str, _: str) -> str:
    """One queue more, with its two alarms and that of the function."""
    more = {"queues": 1, "alarms": 3}
    return re.sub(
        r"(?m)^(queues|alarms) = (\d+)", lambda found: f"{found[1]} = {int(found[2]) + more[found[1]]}", text
    )


def _to_types(text: str, name: str) -> str:
    return re.sub(r'(?m)^(mypy_path = ".+)"$', rf'\1:{name}"', text)


def _to_readme(text: str, name: str) -> str:
    row = f"| [{name}]({name}/app.py) | nothing yet | hears of every payment |\n"
    return _before(text, "\n[The tutorial](docs/tutorial.md)", row)


def _before(text: str, place: str, added: str) -> str:
    if text.count(place) != 1:
        raise LocalError(f"There is no place for another service before {place.strip()!r}: mend it by hand.")
    return text.replace(place, added + place)


_PLACES = (
    _Place("terraform/policies/functions.json", _to_policies),
    _Place("terraform/services.tf", _to_plan),
    _Place("terraform/costs/usage.toml", _to_usage),
    _Place("pyproject.toml", _to_types),
    _Place("README.md", _to_readme),
)
