"""What a cold start imports: counted, since times on a shared machine say nothing."""

import subprocess
import sys

import pytest

from local.services import SERVICES
from tests.apps import ROOT

# None of them is needed before a request asks for what it does, and each costs a part of the start.
# docs/decisions/0101 to 0103 say what stands in their place, or when they are imported.
LATE = (
    *("boto3", "botocore.session", "botocore.client", "urllib3", "requests", "environ"),
    *("jwt", "cassandra", "fpdf", "fontTools", "stripe", "smtplib", "xml.etree.ElementTree"),
)

# What only other services need: one that has no route, or hears of no payment, starts without what does.
OTHERS = {
    "product": ("common.domain.order", "common.events", "common.web.consumers"),
    "inventory": ("common.web.endpoints", "common.ports.provider"),
    "order": ("common.ports.provider", "common.ports.payments"),
    "payment": ("common.web.consumers", "common.ports.orders"),
    "invoice": ("common.ports.orders", "common.ports.provider"),
    "notification": ("common.web.endpoints", "common.web.consumers", "common.events"),
}

_IMPORT = "import sys; sys.path[:0] = sys.argv[1:]; import app; print(*sys.modules)"


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_imported_that_the_first_request_may_not_need(service: str) -> None:
    """A fresh process that imports app.py has none of what is imported later, or never, or by others only."""
    imported = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(ROOT / service), str(ROOT)],
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [module for module in (*LATE, *OTHERS.get(service, ())) if module in imported] == []
