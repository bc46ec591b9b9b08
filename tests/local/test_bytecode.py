"""The bytecode of a deployment package."""

import zipfile
from pathlib import Path

import pytest

from local.bytecode import compiled
from local.errors import LocalError


def package_of(service: Path, app: str) -> Path:
    """A service of one file, and the zip of it."""
    service.mkdir()
    (service / "app.py").write_text(app, encoding="utf-8")
    (service / "unused.py").write_text("", encoding="utf-8")
    package_file = service.with_suffix(".zip")
    with zipfile.ZipFile(package_file, "w") as packed:
        for file in service.iterdir():
            packed.write(file, file.name)
    return package_file


def test_what_app_py_imports_is_compiled(tmp_path: Path) -> None:
    """That, and nothing else; it names no folder of this machine."""
    service = tmp_path / "hello"
    files = compiled(package_of(service, "GREETING = 'hello'\n"), service)
    [(name, code)] = files.items()
    assert name.startswith("__pycache__/app.")
    assert str(tmp_path).encode() not in code


def test_an_app_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    """By a sentence with Python's own last words."""
    service = tmp_path / "hello"
    with pytest.raises(LocalError, match="No module named 'nowhere'"):
        compiled(package_of(service, "import nowhere\n"), service)
