"""The bytecode in a service's deployment package: of what customers wait for.

Nothing can be written into Lambda's folder: each cold start would compile anew what it imports, which is more
than half of its time (docs/decisions/0103). Python takes a file of bytecode unseen here, as unpacking changes
the dates that it would compare.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from local.errors import LocalError

# What is imported when somebody first asks, by the package that it needs: for a token, for the provider's
# page, for orders of which some are archived.
LATE = {
    "jwt": "import jwt",
    "stripe": "from stripe import RequestsClient, StripeClient\n"
    "v1 = StripeClient('key', http_client=RequestsClient()).v1\n"
    "v1.checkout.sessions, v1.refunds",
    "cassandra": "import common.repositories.cassandra.archive, common.repositories.cassandra.suggestions",
}

# Modules that are tried and fail by themselves are compiled, too.
_IMPORT = """
import sys
sys.path[:0] = [".", "vendor"]
tried = set()
sys.addaudithook(lambda event, told: tried.add(told[0]) if event == "import" else None)
import app
{}
print(*tried.union(sys.modules))
"""


def compiled(package_file: Path, service: Path) -> dict[str, bytes]:
    """Files of bytecode, by name, for the modules of a package that app.py and `LATE` import.

    `service` is the folder that was packaged. The bytecode is for the Python that runs this, as the package
    is; the same modules give the same bytes. Raises LocalError with a sentence.
    """
    with tempfile.TemporaryDirectory(dir=package_file.parent) as temporary:
        unpacked = Path(temporary)
        with zipfile.ZipFile(package_file) as packed:
            packed.extractall(unpacked)
        late = "\n".join(done for name, done in LATE.items() if (unpacked / name).is_dir())
        sources = [source for module in _imported(service, late) for source in _sources(unpacked, module)]
        command = ["compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", temporary, "-i", "-"]
        # Sets of constants are in the order of their hashes.
        _python(["-m", *command], unpacked, {"PYTHONHASHSEED": "0"}, "\n".join(sources))
        return {str(path.relative_to(unpacked)): path.read_bytes() for path in unpacked.rglob("*.pyc")}


def _imported(service: Path, late: str) -> list[str]:
    """By the packages of this machine: those of Lambda's may be of another system, and cannot be run here."""
    told = _python(["-c", _IMPORT.format(late)], service, {"PYTHONDONTWRITEBYTECODE": "1"})
    return sorted(told.split())


def _sources(unpacked: Path, module: str) -> list[str]:
    path = unpacked.joinpath(*module.split("."))
    return [str(source) for source in (path / "__init__.py", Path(f"{path}.py")) if source.exists()]


def _python(arguments: list[str], folder: Path, environment: dict[str, str], given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        *_, last = (done.stderr or done.stdout).strip().splitlines() or ["Python says nothing"]
        raise LocalError(f"What a package needs at its start could not be compiled: {last}")
    return done.stdout
