"""MongoDB on this machine: the user's own mongod where there is one, else a stand-in on the Java runtime."""

import shutil
from pathlib import Path

import pymongo

from local import elsewhere
from local.paths import HOME, LOOPBACK, port
from local.processes import Server
from local.tools import CLASSES, class_path, java


def server(home: Path = HOME) -> Server:
    """The server of this shop. Each kind keeps its data in a folder of its own: they are never mixed."""
    number = port("mongo", home)
    mongod = shutil.which("mongod")
    if mongod:
        data = home / "mongod"
        data.mkdir(parents=True, exist_ok=True)
        command = [
            mongod,
            "--bind_ip",
            LOOPBACK,
            "--port",
            str(number),
            "--dbpath",
            str(data),
            "--nounixsocket",
        ]
    else:
        data = home / "mongo"
        data.mkdir(parents=True, exist_ok=True)
        command = stand_in(number, str(data / "shop.mv"))
    return Server(
        name="mongo",
        command=command,
        ready=lambda: ask(home),
        ports=[number],
        cwd=data,
        stop_seconds=20,
    )


def stand_in(number: int, file: str) -> list[str]:
    """The command that runs the stand-in on this port, with all it keeps in this file ("memory": in none)."""
    return [
        *(java(), "-Xms32m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
        *("-Djava.net.preferIPv4Stack=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
        *("-cp", ":".join([*class_path("mongo"), str(CLASSES)])),
        *("MongoStandIn", LOOPBACK, str(number), file),
    ]


def uri(home: Path = HOME) -> str:
    """Where clients connect to. The options are those that Amazon DocumentDB needs, too."""
    own = f"mongodb://{LOOPBACK}:{port('mongo', home)}/?retryWrites=false&directConnection=true"
    return elsewhere.mongo() or own


def ask(home: Path = HOME) -> None:
    """Raises where it does not answer."""
    with pymongo.MongoClient[dict[str, object]](uri(home), serverSelectionTimeoutMS=2000) as client:
        client.admin.command("ping")
