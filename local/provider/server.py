"""How the provider is started, and how one sees that it works."""

import hashlib
import os
import sys
import urllib.request
from pathlib import Path

from local.paths import HOME, LOOPBACK, ROOT
from local.processes import Server

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
        ready=lambda: _answers(port),
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
        version=_sources(),
    )


def _answers(port: int) -> bool:
    # Proxies of the environment are not for this machine's own addresses.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{LOOPBACK}:{port}/health", timeout=5) as answer:
        return bool(answer.status == 200)


def _sources() -> str:
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
