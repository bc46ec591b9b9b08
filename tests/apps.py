"""The six apps, as a test loads them."""

from local.contracts.apps import load_app
from local.paths import ROOT

__all__ = ["ROOT", "load_app"]
