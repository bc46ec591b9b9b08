"""The emulator as one of the shop's servers."""

import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from local import elsewhere
from local.paths import HOME, LOOPBACK, ROOT, port
from local.processes import Server, answers, sources


def address(home: Path = HOME) -> str:
    """The endpoint of the AWS services of this shop: its own emulator, or the one that runs elsewhere."""
    return elsewhere.aws() or own_address(home)


def own_address(home: Path = HOME) -> str:
    """The endpoint of this shop's own emulator, whether it is used or not."""
    return f"http://{LOOPBACK}:{port('aws', home)}"


def mail_folder(home: Path = HOME) -> Path:
    """Where each sent mail lies, as it was sent, in a file ID.eml."""
    return home / "mail"


def server(
    home: Path = HOME,
    python: Path | None = None,
    seconds_per_minute: float = 60,
    without: Iterable[str] = (),
) -> Server:
    """The emulator of the shop that is kept in `home`.

    `python` runs the functions; a minute of a schedule lasts `seconds_per_minute`; `without` names
    corrections that are left out ("all": MiniStack as it is published).
    """
    number = port("aws", home)
    interpreter = python or ROOT / ".local" / "functions" / "bin" / "python"
    return Server(
        name="aws",
        command=[
            *[sys.executable, "-m", "local.emulator", "--port", str(number)],
            *["--state", str(home / "aws"), "--mail", str(mail_folder(home)), "--python", str(interpreter)],
            *["--seconds-per-minute", str(seconds_per_minute)],
            *[f"--without={correction}" for correction in without],
        ],
        ready=lambda: answers(f"http://{LOOPBACK}:{number}/_ministack/health"),
        ports=[number],
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        # Functions that run keep the address of a store: where it is another one, they begin anew.
        version=f"{version('ministack')} {sources(Path(__file__).parent)} {elsewhere.servers() or ''}",
    )
