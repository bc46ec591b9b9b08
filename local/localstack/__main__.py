"""Start LocalStack: `python -m local.localstack --port 4567 --state FOLDER --mail FOLDER --python PYTHON`.

It runs in the interpreter that has LocalStack (see `install`), and adds what the free edition lacks here.
"""

import argparse
import os
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

# All that the shop uses; it has no others.
SERVICES = (
    *("apigateway", "cloudwatch", "events", "iam", "lambda", "logs", "s3", "secretsmanager"),
    *("ses", "sesv2", "sns", "sqs", "sts"),
)


def environment(port: int, state: Path) -> dict[str, str]:
    """All environment variables of LocalStack; nothing of the shell that started it is left."""
    temporary = str(state / "tmp")
    address = f"127.0.0.1:{port}"
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": temporary,
        "XDG_CACHE_HOME": temporary,
        "FILESYSTEM_ROOT": str(state),
        "SERVICES": ",".join(SERVICES),
        # Else the first call of each would wait for seconds, longer than an adapter has patience.
        "EAGER_SERVICE_LOADING": "1",
        "GATEWAY_LISTEN": address,
        "LOCALSTACK_HOST": address,
        # Queues have addresses by path: names below localhost.localstack.cloud would need a name server.
        "SQS_ENDPOINT_STRATEGY": "path",
        "DNS_ADDRESS": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "DOCKER_HOST": "unix:///nonexistent",
        # It asks its makers for nothing, and tells them nothing.
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "S3_SKIP_SIGNATURE_VALIDATION": "0",
        # A function that is created can be called, as soon as that is told.
        "LAMBDA_SYNCHRONOUS_CREATE": "1",
    }


def main(arguments: list[str]) -> None:
    """Run until the process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m local.localstack")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--mail", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--seconds-per-minute", type=float, default=60)
    given = parser.parse_args(arguments)
    state = given.state.resolve()
    # It keeps nothing from one start to the next: what is left there is of no use.
    shutil.rmtree(state, ignore_errors=True)
    (state / "tmp").mkdir(parents=True)
    state.chmod(0o700)
    os.environ.clear()
    # LocalStack reads its settings when it is imported.
    os.environ.update(environment(given.port, state))
    # Not by TMPDIR, which means something else to LocalStack.
    tempfile.tempdir = os.environ["HOME"]

    from localstack.runtime.main import main as run
    from twisted.internet import endpoints

    from local.localstack import functions, gateway, mail, schedules

    # LocalStack leaves out the host of GATEWAY_LISTEN, and would listen on every address.
    endpoints.TCP4ServerEndpoint = partial(endpoints.TCP4ServerEndpoint, interface="127.0.0.1")
    functions.as_processes(given.python.absolute())
    functions.few_processes()
    gateway.own_answers()
    mail.second_version(given.mail.resolve())
    schedules.speed(given.seconds_per_minute)
    run()


if __name__ == "__main__":
    main(sys.argv[1:])
