"""Installing LocalStack into `.local/tools/localstack`: the interpreters of its `server` and its `functions`.

It is not among what everybody installs: it takes 330 MB, and runs on one version of Python.
"""

import shutil
import sys
from pathlib import Path

from local import install as shop
from local.errors import LocalError
from local.paths import TOOLS

# The version that LocalStack 4.13.1 runs on; 4.14.0, the last without a token, asks for 3.13.
PYTHON = "3.11"
SERVER = TOOLS / "localstack" / "server"
FUNCTIONS = TOOLS / "localstack" / "functions"
_PINS = Path(__file__).parent


def install() -> None:
    """Bring both to what their pins say. Raises LocalError, with a sentence, where that cannot be had."""
    try:
        shop.uv("python", "find", PYTHON)
    except shop.CannotInstallError:
        raise LocalError(
            f"LocalStack runs on Python {PYTHON}, and this machine has none. Install it, then try again."
        ) from None
    try:
        _make(SERVER, PYTHON, _PINS / "server.txt")
        _make(FUNCTIONS, sys.executable, _PINS / "functions.txt")
    except shop.CannotInstallError as error:
        raise LocalError(str(error)) from error


def _make(environment: Path, python: str, pins: Path) -> None:
    # Not by the path of the interpreter that runs this: tests have one of their own, made of the same Python.
    stamp = shop.stamp_of(sys.version, sys.base_prefix, pins.read_text(encoding="utf-8"))
    if shop.has(environment, stamp):
        return

    def act() -> None:
        shutil.rmtree(environment, ignore_errors=True)
        shop.uv("venv", "--python", python, "--no-project", str(environment))
        interpreter = str(environment / "bin" / "python")
        shop.uv("pip", "sync", "--require-hashes", "--python", interpreter, str(pins))
        (environment / ".stamp").write_text(stamp, encoding="utf-8")

    shop.step(f"LocalStack, its {environment.name}", act)
