"""The documents as files, and what was published of them: what others already rely on.

docs/api has the documents as the code is now. docs/api/published has the last one of each major version, and
a sample of each form that a message ever had. What is there may be added to, and never broken.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from common.events.payment_created import TYPE
from local.contracts import asyncapi, openapi
from local.contracts.changes import broken_api, broken_messages
from local.errors import LocalError
from local.paths import ROOT, write_atomically

FOLDER = ROOT / "docs" / "api"


@frozen
class Contract:
    """A document, and how to tell what a change of it breaks."""

    name: str
    major: int
    make: Callable[[], Mapping[str, Any]]
    broken: Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]]
    raised_in: str
    """What to raise for a new major version."""

    def file(self, folder: Path) -> Path:
        return folder / f"{self.name}.json"

    def published(self, folder: Path) -> Path:
        return folder / "published" / f"{self.name}-{self.major}.json"


CONTRACTS = (
    Contract("openapi", openapi.MAJOR, openapi.document, broken_api, "MAJOR in local/contracts/openapi.py"),
    Contract(
        "asyncapi",
        asyncapi.MAJOR,
        asyncapi.document,
        broken_messages,
        "the version in TYPE in common/events/payment_created.py, and keep a reader of the one before",
    ),
)


def write(folder: Path = FOLDER, contracts: tuple[Contract, ...] = CONTRACTS) -> list[Path]:
    """Writes what is not as the code is, and publishes it; returns which files changed.

    Raises LocalError where a change breaks what was published, and what to do; that is not published then.
    """
    changed, problems = [], []
    for contract in contracts:
        text = as_text(contract.make())
        files = {contract.file(folder): text}
        broken = breaks(contract, folder)
        if broken:
            problems.append(_explained(contract, broken, folder))
        else:
            files[contract.published(folder)] = text
            if contract.name == "asyncapi":
                files |= _new_sample(folder)
        for path, content in files.items():
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, content)
                changed.append(path)
    if problems:
        raise LocalError("\n".join(problems))
    return changed


def stale(folder: Path = FOLDER, contracts: tuple[Contract, ...] = CONTRACTS) -> list[Path]:
    """The files that `write` would change."""
    found = []
    for contract in contracts:
        text = as_text(contract.make())
        for path in (contract.file(folder), contract.published(folder)):
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                found.append(path)
    return [*found, *_new_sample(folder)]


def breaks(contract: Contract, folder: Path = FOLDER) -> list[str]:
    """A sentence for each thing that the code breaks of what was published of this major version."""
    before = contract.published(folder)
    if not before.exists():
        return []
    return contract.broken(json.loads(before.read_text(encoding="utf-8")), contract.make())


def samples(folder: Path = FOLDER) -> Iterator[tuple[str, str]]:
    """The messages that were ever published, as text, of this major version and the one before, by name."""
    for path in _samples(folder):
        major = int(path.name.removesuffix(".json").split(".v")[1].split(".")[0])
        if major >= asyncapi.MAJOR - 1:
            yield path.name, path.read_text(encoding="utf-8")


def as_text(document: Mapping[str, Any]) -> str:
    """A document as its file has it."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _new_sample(folder: Path) -> dict[Path, str]:
    """A message as it is published now, if none of this form was published yet."""
    message = asyncapi.example()
    known = [json.loads(path.read_text(encoding="utf-8")) for path in _samples(folder)]
    if _form(message) in map(_form, known):
        return {}
    number = sum(one["type"] == TYPE for one in known)
    return {folder / "published" / "messages" / f"{TYPE}.{number}.json": as_text(message)}


def _form(value: Any) -> Any:
    """What a value is made of, whatever it says: which message it is, its fields, and the type of each."""
    if isinstance(value, dict):
        return {name: one if name == "type" else _form(one) for name, one in value.items()}
    return type(value)


def _samples(folder: Path) -> list[Path]:
    return sorted((folder / "published" / "messages").glob("*.json"))


def _explained(contract: Contract, broken: list[str], folder: Path) -> str:
    return "\n".join(
        (
            f"This breaks who relies on {contract.published(folder).relative_to(folder.parent.parent)}:",
            *(f"  {sentence}" for sentence in broken),
            "Keep what is there, and add the new beside it. Where that cannot be, raise",
            f"{contract.raised_in}.",
            "What never left your branch may still change: git checkout main -- docs/api/published",
        )
    )
