"""Servers as processes: started once, found again, stopped whole, and never somebody else's."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from local import processes
from local.errors import LocalError
from local.paths import LOOPBACK, ROOT, port
from local.processes import Server
from tests.local.shop_homes import quiet


def _web(home: Path) -> Server:
    """A web server that answers on the gateway's port."""
    number = port("gateway", home)

    def ready() -> bool:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{number}/", timeout=1) as answer:
            return bool(answer.status == 200)

    return Server(
        name="web",
        command=[sys.executable, "-m", "http.server", str(number), "--bind", LOOPBACK],
        ready=ready,
        ports=[number],
        cwd=home,
    )


def _shell(script: str, ready: Callable[[], object] = lambda: True) -> Server:
    return Server(name="shell", command=["/bin/sh", "-c", script], ready=ready)


def _pid(home: Path) -> int:
    return processes.recorded(home)[0].pid


def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def _exists(pid: int) -> bool:
    """Whether a process of this number runs; one that has ended and waits to be reaped does not."""
    state = subprocess.run(
        ["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


def test_what_runs_is_left_alone(home: Path) -> None:
    """A second start of a server that works changes nothing."""
    assert list(processes.start([_web(home)], home, quiet)) == ["web"]
    first = _pid(home)
    assert processes.start([_web(home)], home, quiet) == {}
    assert _pid(home) == first
    assert processes.status(home) == {"web": True}


def test_a_killed_server_is_started_again(home: Path) -> None:
    """After kill -9 the next start mends it."""
    processes.start([_web(home)], home, quiet)
    os.kill(_pid(home), signal.SIGKILL)
    _until(lambda: processes.status(home) == {"web": False})
    assert list(processes.start([_web(home)], home, quiet)) == ["web"]
    assert processes.status(home) == {"web": True}


def test_a_hung_server_is_killed_and_started_anew(home: Path) -> None:
    """A server that runs but does not answer is replaced."""
    server = evolve(_web(home), hung_seconds=0.2)
    processes.start([server], home, quiet)
    first = _pid(home)
    os.kill(first, signal.SIGSTOP)
    assert list(processes.start([server], home, quiet)) == ["web"]
    assert _pid(home) != first
    assert not _exists(first)


def test_a_changed_configuration_restarts(home: Path) -> None:
    """A server that runs with an older configuration is stopped and started with the new one."""
    processes.start([_web(home)], home, quiet)
    first = _pid(home)
    assert list(processes.start([evolve(_web(home), version="2")], home, quiet)) == ["web"]
    assert not _exists(first)


def test_a_port_in_use_is_told_by_its_number(home: Path) -> None:
    """The sentence names the port and the file in which another can be chosen; nothing is started."""
    with socket.socket() as other:
        other.bind((LOOPBACK, port("gateway", home)))
        other.listen()
        with pytest.raises(LocalError, match=rf"Port {port('gateway', home)}.*ports\.json"):
            processes.start([_web(home)], home, quiet)
    assert processes.status(home) == {}


def test_one_that_ends_early_is_told_with_its_last_words(home: Path) -> None:
    """The sentence holds the exit status, the log's place and what this start, not an older one, printed."""
    log = processes.log_file("shell", home)
    log.parent.mkdir(parents=True)
    log.write_text("an older start\n", encoding="utf-8")
    with pytest.raises(LocalError) as told:
        processes.start([_shell("echo no memory; exit 3", ready=lambda: False)], home, quiet)
    assert "exit status 3" in str(told.value)
    assert "no memory" in str(told.value)
    assert str(log) in str(told.value)
    assert "older" not in str(told.value)
    assert processes.status(home) == {}


def test_one_that_is_never_ready_is_given_up(home: Path) -> None:
    """After its time it is stopped, and the last reason is told."""
    server = evolve(_shell("exec sleep 60", ready=lambda: False), ready_seconds=0.2)
    with pytest.raises(LocalError, match="was not ready"):
        processes.start([server], home, quiet)
    assert processes.status(home) == {}


def test_a_reused_pid_is_nobody_to_stop(home: Path) -> None:
    """A process that got the pid of a server that has ended is not touched."""
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as stranger:
        record = home / "run" / "web.json"
        record.parent.mkdir()
        fields = {"name": "web", "pid": stranger.pid, "started": "before", "fingerprint": ""}
        record.write_text(json.dumps({**fields, "stop_signal": 15, "stop_seconds": 1}), encoding="utf-8")
        assert processes.stop(None, home, quiet) == []
        assert stranger.poll() is None
        stranger.kill()


def test_one_that_ignores_the_signal_is_killed(home: Path) -> None:
    """When the time to stop is over, a server is killed."""
    server = evolve(_shell("trap '' TERM; echo set; while :; do sleep 0.05; done"), stop_seconds=0.3)
    processes.start([server], home, quiet)
    log = processes.log_file("shell", home)
    _until(lambda: "set" in log.read_text(encoding="utf-8"))
    pid = _pid(home)
    assert processes.stop(None, home, quiet) == ["shell"]
    assert not _exists(pid)


def test_what_a_killed_server_leaves_behind_is_ended(home: Path) -> None:
    """Its children do not outlive it: the next start, or stop, ends them, and waits until they have ended."""
    processes.start([_shell("sleep 60 & echo child $!; wait")], home, quiet)
    log = processes.log_file("shell", home)
    _until(lambda: "child" in log.read_text(encoding="utf-8"))
    child = int(log.read_text(encoding="utf-8").split()[-1])
    os.kill(_pid(home), signal.SIGKILL)
    _until(lambda: processes.status(home) == {"shell": False})
    assert _exists(child)
    assert processes.stop(None, home, quiet) == []
    assert not _exists(child)


def test_of_two_commands_the_second_waits(home: Path) -> None:
    """While one holds the shop, another says that it waits, and goes on when the first is done."""
    script = (
        "import sys; from pathlib import Path; from local.processes import exclusive\n"
        "with exclusive(Path(sys.argv[1]), report=lambda text: print(text, flush=True)):\n"
        "    print('in', flush=True)"
    )
    with processes.exclusive(home, quiet):
        second = subprocess.Popen(
            [sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
    assert second.stdout.readline() == "in\n"
    second.stdout.close()
    assert second.wait(10) == 0
