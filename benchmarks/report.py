"""docs/benchmarks.md and its pictures, from what was measured; what was not measured now stays as it was."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path

from attrs import asdict

from benchmarks.row import Row
from local.paths import ROOT, write_atomically

PAGE = ROOT / "docs" / "benchmarks.md"
FOLDER = ROOT / "docs" / "benchmarks"
PACKAGES = ("chalice", "boto3", "pg8000", "pymongo", "cassandra-driver", "fpdf2", "attrs", "cattrs")

HEAD = """# Benchmarks

Made by `make bench`; do not edit. Each row is a ratio of two sides that took turns in the same minutes: the
shop, and its floor, the least that the same work could cost. Times of shared machines mean little, ratios do.
Spread is the middle half of the turns.
"""


def write(name: str, about: str, rows: Sequence[Row]) -> None:
    """Takes the rows of a benchmark into the pages."""
    measured = {"about": about, "where": _where(), "rows": [asdict(row) for row in rows]}
    write_atomically(FOLDER / f"{name}.json", json.dumps(measured, indent=1, ensure_ascii=False) + "\n")
    write_atomically(FOLDER / f"{name}.svg", picture(rows))


def write_page(names: Sequence[str]) -> None:
    """The page of all benchmarks that were ever measured here: first what misses its mark, then all of it."""
    measured = {name: json.loads(_file(name).read_text("utf-8")) for name in names if _file(name).exists()}
    rows = {name: [Row(**row) for row in found["rows"]] for name, found in measured.items()}
    missed = [row for some in rows.values() for row in some if row.misses]
    parts = [HEAD, "## Misses its mark\n", table(missed) if missed else "Nothing.\n"]
    for name, found in measured.items():
        parts += [
            f"## {name.replace('_', ' ').capitalize()}\n",
            found["about"] + "\n",
            f"![{name}](benchmarks/{name}.svg)\n",
            table(rows[name]),
            f"{found['where']}\n",
        ]
    write_atomically(PAGE, "\n".join(parts))


def table(rows: Sequence[Row]) -> str:
    lines = ["| what | the shop | its floor | ratio | spread | mark | |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        floor = "" if row.floor is None else f"{number(row.floor)} {row.unit}"
        ratio = "" if row.floor is None else f"{row.judged:.2f}"
        mark = f"**missed** {row.mark}" if row.misses else row.mark
        cells = [row.name, f"{number(row.ours)} {row.unit}", floor, ratio, row.spread, mark, row.note]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """Three figures that count, and no more."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def picture(rows: Sequence[Row]) -> str:
    """A bar for what is judged in each row, and a line across it where its mark is."""
    left, width, height = 340, 300, 26
    drawn = []
    for place, row in enumerate(rows):
        mark = row.at_most if row.at_most is not None else row.at_least
        scale = width / (1.1 * max(row.judged, mark or 0, 1.0 if row.floor is not None else 0) or 1)
        top = 8 + place * height
        text = f"{row.judged:.2f}×" if row.floor is not None else f"{number(row.ours)} {row.unit}"
        color = "#c0392b" if row.misses else "#2e7d4f"
        drawn += [
            f'<text x="{left - 8}" y="{top + 13}" text-anchor="end">{escape(row.name)}</text>',
            f'<rect x="{left}" y="{top}" width="{row.judged * scale:.1f}" height="18" fill="{color}"/>',
            f'<text x="{left + width + 8}" y="{top + 13}">{escape(text)}</text>',
        ]
        if mark is not None:
            x = left + mark * scale
            drawn.append(f'<path d="M{x:.1f} {top - 3}v24" stroke="#222" stroke-width="2"/>')
    tall = 16 + height * len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {tall}" width="740" height="{tall}" '
        'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _file(name: str) -> Path:
    return FOLDER / f"{name}.json"


def _where() -> str:
    return (
        f"{date.today().isoformat()}, {_processor()}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        + "."
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return (
        f"{os.cpu_count()} cores of {models[0] if models else platform.processor() or 'an unknown processor'}"
    )
