"""`python -m local.provider --port 8001 --file provider.sqlite`: runs the provider until it is stopped.

Secrets come by environment, where other users of the machine cannot read them: PROVIDER_API_KEY,
PROVIDER_WEBHOOK_SECRET.
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
    api_key = os.environ.get("PROVIDER_API_KEY")
    if not api_key:
        reader.error("Set PROVIDER_API_KEY to the key that its clients must send.")
    app = application(
        file=given.file,
        address=f"http://{LOOPBACK}:{given.port}",
        api_key=api_key,
        webhook_url=given.webhook_url,
        webhook_secret=os.environ.get("PROVIDER_WEBHOOK_SECRET"),
    )
    uvicorn.run(app, host=LOOPBACK, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
