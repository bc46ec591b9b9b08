"""`python -m local.provider --port 8001 --file provider.sqlite`: runs the provider until it is stopped.

Secrets come by environment, where other users of the machine cannot read them: PROVIDER_API_KEYS,
PROVIDER_WEBHOOK_SECRETS. While they rotate there are several, with commas between them.
"""

import argparse
import os
from pathlib import Path

import uvicorn

from local.paths import LOOPBACK
from local.provider.app import application


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m local.provider", description="A fake payment provider.")
    reader.add_argument("--port", type=int, required=True)
    reader.add_argument("--file", type=Path, required=True, help="the SQLite file that keeps what it knows")
    reader.add_argument("--webhook-url", help="where events are posted; can be set later through /control")
    given = reader.parse_args()
    api_keys = _listed("PROVIDER_API_KEYS")
    if not api_keys:
        reader.error("Set PROVIDER_API_KEYS to the key that its clients must send.")
    app = application(
        file=given.file,
        address=f"http://{LOOPBACK}:{given.port}",
        api_keys=api_keys,
        webhook_url=given.webhook_url,
        webhook_secrets=_listed("PROVIDER_WEBHOOK_SECRETS"),
    )
    uvicorn.run(app, host=LOOPBACK, port=given.port, log_level="warning")


def _listed(variable: str) -> list[str]:
    return [value for value in os.environ.get(variable, "").split(",") if value]


if __name__ == "__main__":
    main()
