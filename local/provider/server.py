"""How the provider is started, and how one sees that it works."""

import os
import sys
from pathlib import Path

from local.paths import HOME, LOOPBACK, ROOT
from local.processes import Server, answers, sources

NAME = "provider"


def server(
    *,
    port: int,
    api_key: str,
    webhook_secret: str,
    webhook_url: str | None = None,
    home: Path = HOME,
) -> Server:
    """The provider on `port`, keeping what it knows in `home`. The webhook address may be set later."""
    command = [sys.executable, "-m", "local.provider", "--port", str(port)]
    command += ["--file", str(home / "provider" / "provider.sqlite")]
    if webhook_url is not None:
        command += ["--webhook-url", webhook_url]
    return Server(
        name=NAME,
        command=command,
        ready=lambda: answers(f"http://{LOOPBACK}:{port}/health"),
        ports=[port],
        environment={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PROVIDER_API_KEY": api_key,
            "PROVIDER_WEBHOOK_SECRET": webhook_secret,
        },
        cwd=ROOT,
        ready_seconds=20,
        version=sources(Path(__file__).parent),
    )
