"""The services are built alike, start alone, and bring along what they import and nothing else."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.services import SERVICES
from tests.apps import ROOT
from tests.architecture.imports import reached, third_party

STORES = {"pg8000", "pymongo", "cassandra", "fpdf", "stripe"}
STORES_OF = {
    "product": {"pymongo"},
    "inventory": {"pg8000"},
    "order": {"pg8000", "cassandra"},
    "payment": {"pg8000", "stripe"},
    "invoice": {"fpdf"},
}

# Chalice packs itself.
BROUGHT = {"chalice"}

# Run in a process of its own, which may not speak to anybody.
_IMPORT = """
import json, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        raise SystemExit(f"importing app.py does {event} {arguments}")

before = set(sys.modules)
sys.addaudithook(refuse)
sys.path[:0] = sys.argv[1:]
import app
print(json.dumps(sorted({name.split(".")[0] for name in set(sys.modules) - before})))
"""


@pytest.mark.parametrize("service", SERVICES)
def test_an_app_is_imported_alone(service: str) -> None:
    """Without any environment variable, without a connection, and without the drivers of other services."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(ROOT / service), str(ROOT)],
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    assert imported & STORES <= STORES_OF.get(service, set())


@pytest.mark.parametrize("service", SERVICES)
def test_requirements_name_what_is_imported(service: str) -> None:
    """Each package that the service's code imports, directly or by a module of common, and no other."""
    distributions = importlib.metadata.packages_distributions()
    tops = third_party(iter(reached(service).values())) - BROUGHT
    needed = {_plain(distributions[top][0]) for top in tops}
    lines = (ROOT / service / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = {_plain(re.split(r"[\[=;]", line)[0]) for line in lines if line and line[0] not in "-#"}
    assert named == needed


@pytest.mark.parametrize("service", SERVICES)
def test_requirements_agree_with_the_pins(service: str) -> None:
    """One version for the whole shop: the one in constraints.txt, which also pins what comes along."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    lines = (ROOT / service / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "-c ../constraints.txt"
    for line in lines[1:]:
        assert re.fullmatch(r"[A-Za-z0-9.-]+(\[[a-z]+\])?==[0-9.]+", line), line
        assert re.sub(r"\[.*\]", "", line).lower() in pins


@pytest.mark.parametrize("service", SERVICES)
def test_the_rooms_are_alike(service: str) -> None:
    """Who knows one service finds the way in every other."""
    own = ROOT / service / "chalicelib" / service
    # What hears of events alone has no shapes of its own.
    presents = "@endpoint" in (ROOT / service / "app.py").read_text(encoding="utf-8")
    for file in ("__init__.py", "api.py", "wiring.py", "use_cases/__init__.py"):
        assert (own / file).is_file() or (file == "api.py" and not presents), file
    for file in ("app.py", "requirements.txt", ".chalice/config.json"):
        assert (ROOT / service / file).is_file(), file
    assert (ROOT / service / "vendor" / "common").readlink() == Path("../../common")
    assert not (ROOT / service / "chalicelib" / "__init__.py").exists()
    assert bool(list(own.glob("migrations/*.sql"))) == ("pg8000" in STORES_OF.get(service, ()))


@pytest.mark.parametrize("service", SERVICES)
def test_a_use_case_has_a_file_and_is_told_of(service: str) -> None:
    """Each file of use_cases says at its top what it is for; the package offers each use case by name."""
    folder = ROOT / service / "chalicelib" / service / "use_cases"
    offered = (folder / "__init__.py").read_text(encoding="utf-8")
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), path
        name = "".join(part.capitalize() for part in path.stem.split("_"))
        if "def __call__" in text:
            assert f'"{name}"' in offered, path


@pytest.mark.parametrize("service", SERVICES)
def test_a_configuration_names_functions_that_exist(service: str) -> None:
    """A setting for a function that nobody wrote would be lost in silence."""
    app = (ROOT / service / "app.py").read_text(encoding="utf-8")
    config = json.loads((ROOT / service / ".chalice" / "config.json").read_text(encoding="utf-8"))
    named = set(config.get("lambda_functions", {})) - {"api_handler"}
    assert named <= set(re.findall(r'name="(\w+)"', app))


_SECRETS = {
    "an AWS key": r"\bA(KIA|SIA)[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a live key of Stripe": r"\b[sr]k_live_\w+",
    "a webhook secret of Stripe": r"\bwhsec_[A-Za-z0-9+/]{24,}",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a login in an address": r"\b(postgres|postgresql|mongodb|https?)://[^/\s:@{}$\"']+:[^/\s@{}$\"']+@",
    "a folder of somebody's machine": r"(?<![\w.])/(root|home/[a-z]+|Users/[a-z]+)/",
    "an index of packages": r"--(extra-)?index-url\s*=?\s*http",
}


@pytest.mark.parametrize("what", _SECRETS)
def test_nothing_private_is_kept(what: str) -> None:
    """In no file that is kept: no key, no password, no machine of ours."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)  # noqa: S607 - whichever is here
    files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    if listed.returncode:
        files = [
            path for top in (*SERVICES, "common", "local", "tests") for path in (ROOT / top).rglob("*.py")
        ]
    found = []
    for path in files:
        made_up = what == "a login in an address" and path.is_relative_to(ROOT / "tests")
        if path.is_file() and path != Path(__file__) and not made_up:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [
                f"{path.relative_to(ROOT)}: {match[0][:20]}" for match in re.finditer(_SECRETS[what], text)
            ]
    assert found == []


def _plain(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()
