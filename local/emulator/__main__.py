"""Start the emulator: `python -m local.emulator --port 4566 --state FOLDER --mail FOLDER --python PYTHON`."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from local.emulator.credentials import ACCESS_KEY, REGION, SECRET_KEY
from local.emulator.settings import Settings


def parse(arguments: list[str]) -> Settings:
    """The settings that the command line gives."""
    parser = argparse.ArgumentParser(prog="python -m local.emulator")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--seconds-per-minute", type=float, default=60)
    parser.add_argument("--without", action="append", default=[], help='a correction to leave out, or "all"')
    given = parser.parse_args(arguments)
    return Settings(
        port=given.port,
        state=given.state.resolve(),
        mail=given.mail.resolve(),
        python=given.python.absolute(),
        seconds_per_minute=given.seconds_per_minute,
        without=frozenset(given.without),
    )


def environment(settings: Settings) -> dict[str, str]:
    """All environment variables of the emulator; nothing of the shell that started it is left."""
    # Code of functions is unpacked here. What a killed emulator left behind is of no use to the next one.
    temporary = settings.state / "tmp"
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "GATEWAY_PORT": str(settings.port),
        # It would listen on all addresses for these two.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Each call holds a thread while its function waits for other functions, which need threads, too: more
        # than the gateway has connections, lest those who wait keep the place of those they wait for.
        "MINISTACK_WORKER_THREADS": "512",
        "DOCKER_HOST": "unix:///nonexistent",
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "STATE_DIR": str(settings.state),
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(settings.state / "s3"),
    }


def main(arguments: list[str]) -> None:
    """Run until the process is told to end."""
    settings = parse(arguments)
    temporary = settings.state / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    settings.state.chmod(0o700)
    os.environ.clear()
    # MiniStack reads its settings when it is imported.
    os.environ.update(environment(settings))

    from local.emulator.corrections import install
    from local.emulator.settings import application

    install(settings)
    # MiniStack has a command line of its own.
    del sys.argv[1:]
    application().main()


if __name__ == "__main__":
    main(sys.argv[1:])
