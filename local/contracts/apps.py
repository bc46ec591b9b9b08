"""The six apps, loaded by their paths, side by side in one process."""

import importlib.util
import sys
from functools import cache
from types import ModuleType

from local.paths import ROOT


@cache
def load_app(service: str) -> ModuleType:
    """The module of a service's app.py. Its `shop` is the wiring: set another one to run it on fakes."""
    name = f"{service}_app"
    spec = importlib.util.spec_from_file_location(name, ROOT / service / "app.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"There is no app of the service {service}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
