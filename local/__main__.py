"""The commands of the shop: `python -m local COMMAND`, which the Makefile types for you."""

import argparse
import errno
import shutil
import sys
import traceback

from local.errors import LocalError, sentence
from local.paths import HOME, ROOT
from local.processes import log_file

# What the first files of the servers take, with some room: with less, any may fail in words of its own.
BYTES_THAT_SERVERS_NEED = 50_000_000

COMMANDS = {
    "up": "start everything that does not run",
    "down": "stop everything",
    "status": "tell what runs, and where",
    "watch": "tell what happens in the shop, as it happens",
    "logs": "show the last lines of every log",
    "demo": "start everything and walk an order through the shop",
    "redrive": "send dead letters back to the queues that they came from",
    "rotate": "give the running shop new passwords and keys",
    "serve": "serve one service with 'chalice local'",
    "localstack": "start LocalStack, which AWS_ENDPOINT_URL may put in the emulator's place",
    "package": "make of each service what Terraform deploys",
    "new-service": "lay out a service that hears of every payment",
    "pins": "lock versions and hashes anew",
    "contracts": "write docs/api from the code, and tell what that breaks",
}


def main(arguments: list[str]) -> int:
    """Run one command and return the exit status: 1 with a sentence on what went wrong, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The shop on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    added = {name: commands.add_parser(name, help=text) for name, text in COMMANDS.items()}
    added["serve"].add_argument("service", help="its folder's name, such as order")
    added["new-service"].add_argument("name", help="what it is called, such as loyalty")
    options = parser.parse_args(arguments)
    status = _tried(options)
    if status == 1 and (left := _room_left()) < BYTES_THAT_SERVERS_NEED:
        print(
            f"The disk that holds {HOME} has {left / 1e6:.0f} MB left, which may be why. Make room, then try "
            "again.",
            file=sys.stderr,
        )
    return status


def _tried(options: argparse.Namespace) -> int:
    try:
        return _run(options)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. The same command goes on from here; 'make down' stops what runs.", file=sys.stderr
        )
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            print("The disk is full, or your share of it.", file=sys.stderr)
            return 1
        known = sentence(error)
        if known:
            print(f"{known}\nWhat the servers said before: make logs", file=sys.stderr)
            return 1
        log = log_file("command")
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(traceback.format_exc(), encoding="utf-8")
        print(f"Nobody thought of this: {type(error).__name__}: {error}\n{log} tells where.", file=sys.stderr)
        return 1


def _room_left() -> int:
    """How many bytes the disk has for what the shop keeps."""
    return shutil.disk_usage(next(folder for folder in (HOME, *HOME.parents) if folder.exists())).free


def _run(options: argparse.Namespace) -> int:
    # Each command imports what it needs, and no more: 'make status' should not wait for drivers.
    match options.command:
        case "up":
            from local.up import up

            up()
        case "down":
            from local.up import down

            down()
        case "status":
            from local.up import status

            return status()
        case "logs":
            from local.up import logs

            logs()
        case "watch":
            from local.emulator.traces import record_of
            from local.gateway import url
            from local.live.record import Record
            from local.live.terminal import watch
            from local.up import up

            up()
            told = f"In a browser, for one order: {url()}/live   Ctrl-C ends this, and nothing else."
            print(f"\n{told}", flush=True)
            watch(Record(record_of(HOME / "aws")))
        case "package":
            from local.package import CERTIFICATES, WITH_CERTIFICATES, package

            for folder in package():
                print(folder.relative_to(ROOT))
            if not CERTIFICATES.exists():
                names = " and ".join(WITH_CERTIFICATES)
                print(f"Without the certificates of RDS, {names} reach no store: see docs/to-aws.md.")
        case "redrive":
            from local.emulator.clients import client
            from local.redrive import redrive

            redrive(client("sqs"))
        case "rotate":
            from local.rotate import rotate

            rotate()
        case "new-service":
            from local.new_service import new_service

            laid_out = new_service(options.name)
            # Only now: the contracts are those of all services that are here.
            from local.contracts.published import write

            for path in (*laid_out, *write()):
                print(path.relative_to(ROOT))
            print("Now 'make up' deploys it.")
        case "pins":
            from local.pins import pins

            pins()
        case "contracts":
            from local.contracts.published import write

            for path in write():
                print(path.relative_to(ROOT))
        case "serve":
            from local.up import serve

            return serve(options.service)
        case "localstack":
            from local.localstack.server import start
            from local.up import seconds_per_minute

            start(seconds_per_minute())
        case "demo":
            from local.demo import main as demo

            return demo()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
