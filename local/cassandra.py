"""Apache Cassandra on this machine: the real server, one node, started with nothing but a Java runtime."""

import json
from pathlib import Path
from typing import TypedDict
from urllib.request import pathname2url

from local import confine, elsewhere
from local.paths import HOME, LOOPBACK, ROOT, port, write_atomically
from local.processes import Server
from local.tools import class_path, java, java_modules

# Cassandra 5.0 reaches into these packages of the runtime; its own start script opens the same.
EXPORTS = """
    java.base/jdk.internal.misc java.base/java.lang.ref java.management.rmi/com.sun.jmx.remote.internal.rmi
    java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.sql/java.sql jdk.unsupported/sun.misc
    jdk.attach/sun.tools.attach jdk.compiler/com.sun.tools.javac.file
"""
OPENS = """
    java.base/java.io java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect
    java.base/java.util java.base/jdk.internal.loader java.base/jdk.internal.math
    java.base/jdk.internal.module java.base/jdk.internal.ref
    java.base/jdk.internal.reflect java.base/jdk.internal.util.jar
    java.base/sun.nio.ch jdk.management/com.sun.management.internal jdk.compiler/com.sun.tools.javac
"""


def server(home: Path = HOME) -> Server:
    """The node of this shop, its configuration written anew."""
    base = home / "cassandra"
    configuration = _configure(base, home)
    modules = java_modules()
    jars = class_path("cassandra")
    agent = next(jar for jar in jars if Path(jar).name.startswith("jamm-"))
    command = [
        *(java(), "-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *("-XX:+ExitOnOutOfMemoryError", "-Djava.net.preferIPv4Stack=true"),
        *(f"-javaagent:{agent}", "-Djdk.attach.allowAttachSelf=true"),
    ]
    if int(modules["java.base"].split(".")[0]) > 17:
        # Cassandra sets a SecurityManager, which later runtimes refuse unless told.
        command += ["-Djava.security.manager=allow"]
    for option, packages in (("--add-exports", EXPORTS), ("--add-opens", OPENS)):
        for package in packages.split():
            if package.split("/")[0] in modules:
                command += [option, f"{package}=ALL-UNNAMED"]
    command += [
        "-Dio.netty.tryReflectionSetAccessible=true",
        f"-Dcassandra.config=file://{pathname2url(str(configuration))}",
        f"-Dcassandra.storagedir={base}",
        f"-Dlogback.configurationFile=file://{pathname2url(str(ROOT / 'local' / 'java' / 'logback.xml'))}",
        "-Dcassandra-foreground=yes",
        # One node waits for no other, neither when it starts nor when it ends.
        "-Dcassandra.skip_wait_for_gossip_to_settle=0",
        "-Dcassandra.ring_delay_ms=100",
        "-Dcassandra.superuser_setup_delay_ms=0",
        "-Dcassandra.shutdown_announce_in_ms=0",
        "-Dcassandra.test.messagingService.nonGracefulShutdown=true",
        # Otherwise measured at every start, with the same result.
        "-Dcassandra.memtable.row_overhead_size=180",
        "-Dcassandra.test.ignore_sigar=true",
        *("-cp", ":".join(jars), "org.apache.cassandra.service.CassandraDaemon"),
    ]
    return Server(
        name="cassandra",
        command=confine.without_memory_locks(command),
        ready=lambda: ask(home),
        ports=[port("cassandra", home), port("cassandra-storage", home)],
        cwd=base,
        ready_seconds=120,
        stop_seconds=20,
        version=configuration.read_text(encoding="utf-8"),
    )


def address(home: Path = HOME) -> tuple[str, int]:
    """Host and port of the node of this shop, or of the one that runs elsewhere."""
    return elsewhere.cassandra() or (LOOPBACK, port("cassandra", home))


class Address(TypedDict):
    """What the secret of a keyspace holds: where it is."""

    contact_points: list[str]
    port: int
    keyspace: str
    local_datacenter: str
    tls: bool


def ensure_keyspace(name: str, home: Path = HOME) -> Address:
    """The address of a keyspace of this name, which is made if it is missing; the node must run."""
    from cassandra.cluster import Cluster

    host, number = address(home)
    with Cluster([host], port=number, connect_timeout=5) as cluster:
        session = cluster.connect()
        datacenter = session.execute("SELECT data_center FROM system.local").one().data_center
        session.execute(
            f"CREATE KEYSPACE IF NOT EXISTS {name}"
            f" WITH replication = {{'class': 'NetworkTopologyStrategy', '{datacenter}': 1}}"
        )
    return {
        "contact_points": [host],
        "port": number,
        "keyspace": name,
        "local_datacenter": datacenter,
        "tls": False,
    }


def _configure(base: Path, home: Path) -> Path:
    storage = port("cassandra-storage", home)
    settings = {
        "cluster_name": "shop",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "num_tokens": 1,
        "endpoint_snitch": "SimpleSnitch",
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": f"{LOOPBACK}:{storage}"}],
            }
        ],
        "listen_address": LOOPBACK,
        "storage_port": storage,
        "rpc_address": LOOPBACK,
        "native_transport_port": port("cassandra", home),
        "start_native_transport": True,
        "auto_bootstrap": False,
        "data_file_directories": [str(base / "data")],
        "commitlog_directory": str(base / "commitlog"),
        "hints_directory": str(base / "hints"),
        "saved_caches_directory": str(base / "saved_caches"),
        "cdc_raw_directory": str(base / "cdc_raw"),
        # A write is answered when it is on disk: the default answers up to ten seconds before.
        "commitlog_sync": "batch",
    }
    file = base / "cassandra.yaml"
    # JSON is YAML, too.
    write_atomically(file, json.dumps(settings, indent=2) + "\n")
    return file


def ask(home: Path = HOME) -> None:
    """Raises where it does not answer."""
    from cassandra.cluster import Cluster

    host, number = address(home)
    with Cluster([host], port=number, connect_timeout=5) as cluster:
        cluster.connect().execute("SELECT release_version FROM system.local")
