"""Which services there are, read from the checkout: a folder with an app.py is one."""

import json

from local.paths import ROOT

SERVICES = tuple(sorted(path.parent.name for path in ROOT.glob("*/app.py")))


def _hears_of_payments(service: str) -> bool:
    text = (ROOT / service / ".chalice" / "config.json").read_text(encoding="utf-8")
    return "PAYMENT_QUEUE" in json.loads(text)["environment_variables"]


# Those that have a queue on the topic cdc-payment-created.
CONSUMERS = tuple(service for service in SERVICES if _hears_of_payments(service))
