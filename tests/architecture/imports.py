"""Who imports whom, read from the sources: also imports within functions, and those for types only."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.apps import ROOT


def sources(service: str | None = None) -> dict[str, Path]:
    """The modules of common, or of a service (its app.py is called `app`), with their files."""
    folders = [ROOT / "common"] if service is None else [ROOT / service / "chalicelib"]
    found = {} if service is None else {"app": ROOT / service / "app.py"}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    """All that the file imports, as full names; `from a import b` is both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def reached(service: str) -> dict[str, Path]:
    """The modules that a service can ever import: its own, and those of common that they lead to."""
    known = {**sources(), **sources(service)}
    found = dict(sources(service))
    waiting = list(found.values())
    while waiting:
        for name in imports(waiting.pop()):
            for module in _with_parents(name):
                if module in known and module not in found:
                    found[module] = known[module]
                    waiting.append(known[module])
    return found


def third_party(paths: Iterator[Path]) -> set[str]:
    """The top-level names that are neither the standard library's nor the shop's."""
    ours = {"common", "chalicelib", "app"}
    tops = {name.split(".")[0] for path in paths for name in imports(path)}
    return {top for top in tops if top not in sys.stdlib_module_names and top not in ours}


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
