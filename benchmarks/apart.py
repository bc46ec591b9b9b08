"""Each benchmark in a process of its own: what one has loaded and opened is nothing to the next."""

import importlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout

from benchmarks.row import Row


def measured(name: str, full: bool) -> tuple[str, list[Row]]:
    """What the benchmark says of itself, and its rows."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_measure, name, full).result()


def _measure(name: str, full: bool) -> tuple[str, list[Row]]:
    # What handlers log is written, and its time counts, but nobody wants to read it.
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        module = importlib.import_module(f"benchmarks.{name}")
        return (module.__doc__ or "").strip(), module.rows(full)
