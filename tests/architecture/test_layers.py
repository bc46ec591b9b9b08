"""Who may import whom: docs and design say it, and this holds it."""

import ast
import re
from pathlib import Path

import pytest

from local.services import SERVICES
from tests.apps import ROOT
from tests.architecture.imports import imports, reached, sources

# What a module may import of the shop, by the beginning of its name; the longest that fits counts.
SHARED = (
    "common.kinds",
    "common.domain",
    "common.errors",
    "common.events",
    "common.codec",
    "common.logging",
    "common.clock",
)
STORES = (*SHARED, "common.ports", "common.repositories.copies", "common.repositories.logins")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "common.domain": ("common.kinds", "common.domain", "common.errors"),
    "common.errors": ("common.kinds",),
    "common.clock": (),
    "common.logging": ("common.kinds", "common.settings"),
    "common.kinds": (),
    "common.settings": ("common.kinds",),
    "common.codec": ("common.domain", "common.errors"),
    "common.events": ("common.kinds", "common.domain", "common.errors", "common.events", "common.codec"),
    "common.ports": ("common.kinds", "common.domain", "common.errors", "common.events", "common.ports"),
    "common.repositories.copies": (*SHARED, "common.ports"),
    "common.repositories.logins": (),
    "common.repositories.memory": (*STORES, "common.repositories.memory"),
    "common.repositories.postgres": (*STORES, "common.repositories.postgres"),
    "common.repositories.mongo": (
        *SHARED,
        "common.ports",
        "common.repositories.logins",
        "common.repositories.mongo",
    ),
    "common.repositories.cassandra": (*STORES, "common.repositories.cassandra"),
    "common.aws": (*SHARED, "common.ports", "common.aws", "common.settings"),
    "common.email": (*SHARED, "common.ports", "common.email", "common.aws"),
    "common.payments": (*SHARED, "common.ports", "common.payments"),
    "common.web": (*SHARED, "common.ports", "common.web"),
    "common.secrets": (*SHARED, "common.ports"),
    "common.wiring": (*SHARED, "common.ports", "common.aws"),
    "common.aws.wiring": (*SHARED, "common.ports", "common.aws", "common.wiring"),
    "common.repositories.postgres.wiring": (
        *STORES,
        "common.aws.databases",
        "common.repositories",
        "common.secrets",
        "common.wiring",
    ),
}

# What every room of a service may use.
CORE = (
    "common.kinds",
    "common.domain",
    "common.ports",
    "common.errors",
    "common.events",
    "common.logging",
    "common.codec",
)

# A driver, and the only modules that may know it.
DRIVERS = {
    "pg8000": ("common.repositories.postgres",),
    "pymongo": ("common.repositories.mongo",),
    "bson": ("common.repositories.mongo",),
    "cassandra": ("common.repositories.cassandra",),
    "cassandra_sigv4": ("common.repositories.cassandra",),
    "stripe": ("common.payments",),
    "smtplib": ("common.email",),
    "jwt": ("common.aws.tokens",),
    "fpdf": ("chalicelib.invoice.pdf",),
    "fontTools": ("chalicelib.invoice.pdf",),
    "chalice": ("app", "common.web"),
    "pythonjsonlogger": ("common.logging",),
    "cattrs": ("common.codec",),
}


def begins(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def ours(path: Path) -> set[str]:
    return {name for name in imports(path) if begins(name, ("common", "chalicelib")) and "." in name}


def everything() -> list[tuple[str, Path]]:
    """Every module of the shop with its file; the six app.py are all called `app`."""
    return [*sources().items(), *(pair for service in SERVICES for pair in sources(service).items())]


@pytest.mark.parametrize(("module", "path"), sources().items(), ids=sources().keys())
def test_common_is_layered(module: str, path: Path) -> None:
    """Domain, then ports, then adapters and edge; no adapter knows another kind of adapter."""
    prefixes = [prefix for prefix in MAY_IMPORT if begins(module, (prefix,))]
    if not prefixes and path.name == "__init__.py":
        assert ours(path) == set()
        return
    assert prefixes, f"{module} has no layer: say in this file what it may import"
    allowed = MAY_IMPORT[max(prefixes, key=len)]
    assert {name for name in ours(path) if not begins(name, allowed)} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_layered(service: str) -> None:
    """Use cases know domain and ports only; only wiring.py knows adapters; nobody knows another service."""
    own = f"chalicelib.{service}"
    for module, path in sources(service).items():
        allowed = (own, *CORE)
        if module == "app":
            allowed += ("common.web", "common.settings")
        elif module == f"{own}.settings":
            allowed += ("common.settings",)
        elif module == f"{own}.api":
            allowed += ("common.web",)
        elif module == f"{own}.wiring":
            allowed += ("common",)
        found = {name for name in ours(path) if not begins(name, allowed)}
        assert found <= (_migrations(path) if module == "app" else set()), module


def _migrations(app: Path) -> set[str]:
    """A migration is the store's own business: an app may name the function, to start it, nothing else."""
    named = {name for name in imports(app) if name.endswith(".migrate")}
    return named | {name.rpartition(".")[0] for name in named}


@pytest.mark.parametrize("service", SERVICES)
def test_use_cases_know_no_wiring_and_no_edge(service: str) -> None:
    """What a service does can be run by anybody who brings the ports."""
    own = f"chalicelib.{service}"
    for module, path in sources(service).items():
        if begins(module, (f"{own}.use_cases",)):
            assert not [
                name for name in ours(path) if begins(name, (f"{own}.wiring", f"{own}.api", "common.web"))
            ]


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_driver_is_known_to_its_adapter_only(driver: str) -> None:
    """Another store, another provider: one folder changes."""
    knowing = {
        module for module, path in everything() if any(begins(name, (driver,)) for name in imports(path))
    }
    assert {module for module in knowing if not begins(module, DRIVERS[driver])} == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reaches_the_stores_that_it_owns_only(service: str) -> None:
    """Of the real stores' adapters, no other one is in what it can ever import."""
    owned = {
        "product": {"mongo"},
        "inventory": {"postgres"},
        "order": {"postgres", "cassandra"},
        "payment": {"postgres"},
    }
    found = {module.split(".")[2] for module in reached(service) if module.startswith("common.repositories.")}
    assert found - {"copies", "logins"} <= owned.get(service, set())


def test_the_operators_command_opens_no_store() -> None:
    """It asks services by their functions: no driver of a store is in its reach, no repository, no wiring."""
    for path in (ROOT / "operations").rglob("*.py"):
        stores = ("pg8000", "pymongo", "cassandra", "common.repositories", "chalicelib")
        assert not [name for name in imports(path) if begins(name, stores)], path


def test_only_settings_read_the_environment() -> None:
    """One place says what a deployment decides."""
    reading = set()
    for module, path in everything():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = (
                isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
            )
            if named and node.attr in ("environ", "environb", "getenv", "getenvb"):
                reading.add(module)
        if imports(path) & {"os.environ", "os.environb", "os.getenv", "os.getenvb"}:
            reading.add(module)
    assert reading == {"common.settings"}


def test_each_class_is_of_a_kind() -> None:
    """Values and services are made by `common.kinds`, whatever attrs offers beside."""
    makers = {"attrs.define", "attrs.frozen", "attrs.mutable", "dataclasses.dataclass"}
    making = {module for module, path in everything() if imports(path) & makers}
    assert making == {"common.kinds"}


def test_tests_replace_nothing_behind_the_codes_back() -> None:
    """Fakes are written and handed in; nothing is patched."""
    for path in (ROOT / "tests").rglob("*.py"):
        names = imports(path)
        assert not [name for name in names if begins(name, ("unittest.mock", "mock", "pytest_mock"))], path
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
        ]
        assert not [node for node in calls if node.attr == "setattr" and _is_monkeypatch(node)], path


def _is_monkeypatch(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and "monkey" in node.value.id


def test_whoever_silences_a_rule_of_security_says_why() -> None:
    """Behind each `noqa` of ruff's S rules stands a reason."""
    silent = re.compile(r"# noqa:[A-Z0-9, ]*\bS[0-9]{3}\b(?![A-Z0-9, ]* - \w)")
    listed = [
        path for folder in (ROOT / "common", ROOT / "local", ROOT / "tests") for path in folder.rglob("*.py")
    ]
    listed += [path for service in SERVICES for path in sources(service).values()]
    found = [
        f"{path}: {line}"
        for path in listed
        for line in path.read_text(encoding="utf-8").splitlines()
        if silent.search(line)
    ]
    assert found == []
