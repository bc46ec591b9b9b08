"""The bytecode in a service's deployment package: of what its first request imports.

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

# Imported once a customer asks: for their token, and for the provider's page.
_LATE = ("jwt", "stripe")

# Modules that are tried and fail by themselves are compiled, too.
_IMPORT = """
import sys
sys.path[:0] = [".", "vendor"]
tried = set()
sys.addaudithook(lambda event, told: tried.add(told[0]) if event == "import" else None)
import {}
print(*tried.union(sys.modules))
"""


def compiled(package_file: Path, service: Path) -> dict[str, bytes]:
    """Files of bytecode, by name, for the modules of a package that the first request may import.

    `service` is the folder that was packaged. The bytecode is for the Python that runs this, as the package
    is; the same modules give the same bytes.
    """
    with tempfile.TemporaryDirectory(dir=package_file.parent) as temporary:
        unpacked = Path(temporary)
        with zipfile.ZipFile(package_file) as packed:
            packed.extractall(unpacked)
        roots = ["app", *(late for late in _LATE if (unpacked / late).is_dir())]
        sources = [source for module in _imported(service, roots) for source in _sources(unpacked, module)]
        command = ["compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", temporary, "-i", "-"]
        # Sets of constants are in the order of their hashes.
        _python(["-m", *command], unpacked, {"PYTHONHASHSEED": "0"}, "\n".join(sources))
        return {str(path.relative_to(unpacked)): path.read_bytes() for path in unpacked.rglob("*.pyc")}


def _imported(service: Path, roots: list[str]) -> list[str]:
    """By the packages of this machine: those of Lambda's may be of another system, and cannot be run here."""
    told = _python(["-c", _IMPORT.format(", ".join(roots))], service, {"PYTHONDONTWRITEBYTECODE": "1"})
    return sorted(told.split())


def _sources(unpacked: Path, module: str) -> list[str]:
    path = unpacked.joinpath(*module.split("."))
    return [str(source) for source in (path / "__init__.py", Path(f"{path}.py")) if source.exists()]


def _python(arguments: list[str], folder: Path, environment: dict[str, str], given: str = "") -> str:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        input=given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
