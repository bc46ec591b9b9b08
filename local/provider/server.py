"""How the provider is started, and how one sees that it works."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local.paths import HOME, LOOPBACK, ROOT
from local.processes import Server, answers, sources

NAME = "provider"


def server(
    *,
    port: int,
    api_keys: Sequence[str],
    webhook_secrets: Sequence[str],
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
            "PROVIDER_API_KEYS": ",".join(api_keys),
            "PROVIDER_WEBHOOK_SECRETS": ",".join(webhook_secrets),
        },
        cwd=ROOT,
        ready_seconds=20,
        version=sources(Path(__file__).parent),
    )
