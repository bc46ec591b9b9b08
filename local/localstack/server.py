"""LocalStack as one of the shop's servers. `make localstack` starts it; AWS_ENDPOINT_URL puts it to use."""

import hashlib
import signal
from pathlib import Path

from local import processes
from local.emulator.server import mail_folder
from local.localstack import install
from local.paths import HOME, LOOPBACK, ROOT, port
from local.processes import Server, answers, sources


def address(home: Path = HOME) -> str:
    """The endpoint of the LocalStack of this shop."""
    return f"http://{LOOPBACK}:{port('localstack', home)}"


def start(seconds_per_minute: float) -> None:
    """Install it where it is missing, start it, and tell how the shop comes to use it."""
    with processes.exclusive():
        install.install()
        processes.start([server(seconds_per_minute=seconds_per_minute)])
    print(f"The shop uses LocalStack where it is named: export AWS_ENDPOINT_URL={address()}")


def server(home: Path = HOME, seconds_per_minute: float = 60) -> Server:
    """LocalStack with what is added to it; a minute of a schedule lasts `seconds_per_minute`."""
    number = port("localstack", home)
    here = Path(__file__).parent
    pins = b"".join(file.read_bytes() for file in sorted(here.glob("*.txt")))
    return Server(
        name="localstack",
        command=[
            *[str(install.SERVER / "bin" / "python"), "-m", "local.localstack", "--port", str(number)],
            *["--state", str(home / "localstack"), "--mail", str(mail_folder(home))],
            *["--python", str(install.FUNCTIONS / "bin" / "python")],
            *["--seconds-per-minute", str(seconds_per_minute)],
        ],
        ready=lambda: answers(f"{address(home)}/_localstack/health"),
        ports=[number],
        environment={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        ready_seconds=120,
        # It keeps nothing, so there is nothing that it must do before it ends, and its own way takes long.
        stop_signal=signal.SIGKILL,
        version=f"{sources(here)} {hashlib.sha256(pins).hexdigest()}",
    )
