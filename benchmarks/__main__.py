"""Measures, prints the rows (those that miss their mark first), and writes docs/benchmarks.md."""

import argparse
import sys
import time
import traceback

from benchmarks import BENCHMARKS, report
from benchmarks.apart import measured
from benchmarks.row import Row
from local.errors import LocalError


def main() -> int:
    """The exit status is 0 also where a mark is missed, and 1 where something could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHMARKS, help="measure this one alone")
    parser.add_argument("--full", action="store_true", help="the long form: larger stores, more turns")
    asked = parser.parse_args()
    found: list[Row] = []
    broken: list[str] = []
    for name in [asked.only] if asked.only else BENCHMARKS:
        began = time.monotonic()
        print(f"{name} ...", end=" ", flush=True)
        try:
            about, rows = measured(name, asked.full)
        except LocalError as missing:
            print(missing)
            broken.append(name)
            continue
        except Exception:
            traceback.print_exc()
            broken.append(name)
            continue
        print(f"{time.monotonic() - began:.0f} s", flush=True)
        report.write(name, about, rows)
        found += rows
    report.write_page(BENCHMARKS)
    for row in sorted(found, key=lambda row: not row.misses):
        print(line(row))
    if broken:
        print("Could not be measured: " + ", ".join(broken) + ".", file=sys.stderr)
    return 1 if broken else 0


def line(row: Row) -> str:
    """A row as the terminal shows it."""
    judged = f"{row.judged:.2f}×" if row.floor is not None else f"{report.number(row.ours)} {row.unit}"
    against = f"{report.number(row.ours)} to {report.number(row.floor)} {row.unit}" if row.floor else ""
    state = "MISSES" if row.misses else ""
    return f"{state:7}{row.name:52} {judged:>12}  {row.mark:10} {against:28} {row.spread:12} {row.note}"


if __name__ == "__main__":
    sys.exit(main())
