"""Servers as processes of their own: started side by side, found again, stopped, never confused with another.

A server outlives the command that started it. What is needed to find it again lies in `run/NAME.json` of the
shop's home, what it prints in `logs/NAME.log`.
"""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import evolve, field, frozen

from local.errors import LocalError
from local.paths import HOME, is_free, write_atomically

Report = Callable[[str], None]

LOG_BYTES_KEPT = 20_000_000


def _as_strings(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(values)


def _as_numbers(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(values)


@frozen
class Server:
    """How one server is started, and how one sees that it works."""

    name: str
    command: Sequence[str] = field(converter=_as_strings)
    """The program with its arguments."""
    ready: Callable[[], object]
    """Asks the server something, as a client would; raises, or returns False, until it answers."""
    ports: Sequence[int] = field(default=(), converter=_as_numbers)
    """Ports that must be free before it starts."""
    environment: Mapping[str, str] | None = None
    """All its environment variables; None: those of the command that starts it."""
    cwd: Path | None = None
    ready_seconds: float = 60
    """It is given up when it has not answered after so long."""
    hung_seconds: float = 10
    """When it runs already but has not answered after so long, it is killed and started anew."""
    stop_seconds: float = 10
    """It is killed when it has not ended so long after the stop signal."""
    stop_signal: signal.Signals = signal.SIGTERM
    version: str = ""
    """Anything else that decides how it behaves, such as a hash of its sources: a change restarts it."""

    def fingerprint(self) -> str:
        """Tells one configuration from another, without revealing what is in it."""
        environment = sorted((self.environment or {}).items())
        content = json.dumps([self.command, environment, str(self.cwd), self.version])
        return hashlib.sha256(content.encode()).hexdigest()


@frozen
class Running:
    """What is recorded of a started server."""

    name: str
    pid: int
    started: str
    """Identifies the process together with the pid, which the system gives to others later."""
    fingerprint: str
    stop_signal: int
    stop_seconds: float

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return _start_of(self.pid) == self.started


def start(servers: Iterable[Server], home: Path = HOME, report: Report = print) -> dict[str, float]:
    """Start, side by side, those servers that do not run, and return when all of them answer.

    One that runs with another configuration, or does not answer any more, is stopped and started anew.
    Returns the seconds that each took, for those that were started. Raises LocalError when one does not come
    up; the others go on running.
    """
    wanted = list(servers)
    with ThreadPoolExecutor(max(len(wanted), 1)) as pool:
        sound = list(pool.map(lambda server: _is_sound(server, home, report), wanted))
    missing = [server for server, fine in zip(wanted, sound, strict=True) if not fine]
    for server in missing:
        for number in server.ports:
            if not _becomes_free(number):
                raise LocalError(_port_sentence(server.name, number, home))
    began = time.monotonic()
    launched = [_launch(server, home) for server in missing]
    stopping = threading.Event()

    def wait(server: Server, process: subprocess.Popen[bytes], log_start: int) -> float | LocalError:
        try:
            _wait_until_ready(server, process, log_start, home, stopping)
        except LocalError as problem:
            return problem
        seconds = time.monotonic() - began
        if not stopping.is_set():
            report(f"  {server.name} answers after {seconds:.1f} s")
        return seconds

    with ThreadPoolExecutor(max(len(launched), 1)) as pool:
        try:
            waits = [
                pool.submit(wait, server, *launch) for server, launch in zip(missing, launched, strict=True)
            ]
            outcomes = [waiting.result() for waiting in waits]
        finally:
            stopping.set()
    problems = [outcome for outcome in outcomes if isinstance(outcome, LocalError)]
    if problems:
        raise LocalError("\n".join(str(problem) for problem in problems))
    return {
        server.name: outcome
        for server, outcome in zip(missing, outcomes, strict=True)
        if isinstance(outcome, float)
    }


def stop(names: Iterable[str] | None = None, home: Path = HOME, report: Report = print) -> list[str]:
    """Stop the servers of these names side by side (None: all of this shop); return those that ran.

    Each gets its stop signal, and is killed, with whatever it left behind, when its time is over.
    """
    chosen = [r for r in recorded(home) if names is None or r.name in set(names)]
    with ThreadPoolExecutor(max(len(chosen), 1)) as pool:
        ran = list(pool.map(_end, chosen))
    for running in chosen:
        _record_file(running.name, home).unlink(missing_ok=True)
    stopped = [running.name for running, was_alive in zip(chosen, ran, strict=True) if was_alive]
    for name in stopped:
        report(f"  {name} is stopped")
    return stopped


def status(home: Path = HOME) -> dict[str, bool]:
    """Whether each server that was started here runs, by name."""
    return {running.name: running.is_alive() for running in recorded(home)}


def recorded(home: Path = HOME) -> list[Running]:
    """The servers that were started here and not stopped since, alive or not."""
    found = []
    for file in sorted((home / "run").glob("*.json")):
        # Another thread may have stopped it since the folder was listed.
        with suppress(FileNotFoundError, ValueError, TypeError):
            found.append(Running(**json.loads(file.read_text(encoding="utf-8"))))
    return found


def find(name: str, home: Path = HOME) -> Running | None:
    """The server of this name, if it was started here and not stopped since, alive or not."""
    return next((running for running in recorded(home) if running.name == name), None)


def answers(url: str) -> bool:
    """Whether a server of this machine answers this address with 200; raises where nobody answers."""
    # Proxies of the environment are not for this machine's own addresses.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as answer:
        return bool(answer.status == 200)


def sources(*folders: Path) -> str:
    """Changes when a Python file in one of these folders does: a `version` of a server made of them."""
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def log_file(name: str, home: Path = HOME) -> Path:
    """The file that holds what this server printed."""
    return home / "logs" / f"{name}.log"


@contextmanager
def exclusive(home: Path = HOME, report: Report = print) -> Iterator[None]:
    """Hold the one lock of this shop: of two commands that change it, the second waits, and says so."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Another command is at work on this shop; waiting until it is done.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _is_sound(server: Server, home: Path, report: Report) -> bool:
    """Whether the server runs as it should; what is left of one that does not is removed."""
    running = find(server.name, home)
    if running is None:
        return False
    if running.is_alive() and running.fingerprint == server.fingerprint():
        end = time.monotonic() + server.hung_seconds
        while running.is_alive() and time.monotonic() < end:
            if _problem(server) is None:
                return True
            time.sleep(0.1)
        if running.is_alive():
            report(f"  {server.name} runs but does not answer: it is killed and started anew")
            running = evolve(running, stop_signal=int(signal.SIGKILL))
    _end(running)
    _record_file(server.name, home).unlink(missing_ok=True)
    return False


def _becomes_free(number: int) -> bool:
    """Whether the port is free, or is so in a moment: what a killed server held may take that long."""
    end = time.monotonic() + 1
    while not is_free(number):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _launch(server: Server, home: Path) -> tuple[subprocess.Popen[bytes], int]:
    log = log_file(server.name, home)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES_KEPT:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as output, _interrupts_deferred():
        log_start = output.tell()
        try:
            process = subprocess.Popen(
                list(server.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=server.cwd,
                env=None if server.environment is None else dict(server.environment),
                start_new_session=True,
            )
        except OSError as error:
            raise LocalError(f"{server.name} cannot be started: {error}.") from error
        running = {
            "name": server.name,
            "pid": process.pid,
            "started": _start_of(process.pid) or "",
            "fingerprint": server.fingerprint(),
            "stop_signal": int(server.stop_signal),
            "stop_seconds": server.stop_seconds,
        }
        write_atomically(_record_file(server.name, home), json.dumps(running) + "\n", mode=0o600)
    return process, log_start


def _wait_until_ready(
    server: Server, process: subprocess.Popen[bytes], log_start: int, home: Path, stopping: threading.Event
) -> None:
    end = time.monotonic() + server.ready_seconds
    pause = 0.02
    while True:
        problem = _problem(server)
        if problem is None:
            return
        if process.poll() is not None:
            said = f"{server.name} ended with exit status {process.returncode} before it was ready"
            break
        if time.monotonic() > end:
            said = f"{server.name} was not ready after {server.ready_seconds:.0f} s ({problem})"
            break
        if stopping.wait(pause):
            return
        pause = min(pause * 1.2, 0.2)
    stop([server.name], home, report=lambda _: None)
    log = log_file(server.name, home)
    raise LocalError(f"{said}. Its log, {log}, ends with:\n{_last_lines(log, log_start)}")


def _problem(server: Server) -> str | None:
    """None when the server answers as it should, else what was wrong."""
    # A driver may raise anything while its server comes up; what it raised last is told when time is over.
    try:
        return "it does not answer yet" if server.ready() is False else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def _end(running: Running) -> bool:
    """End this server and whatever it left behind; True if it was alive."""
    was_alive = running.is_alive()
    if was_alive:
        _signal(running, running.stop_signal, group=False)
        end = time.monotonic() + running.stop_seconds
        while running.is_alive() and time.monotonic() < end:
            time.sleep(0.02)
    # The system reuses no pid while a process group of that number exists: when the pid belongs to nobody,
    # what is left in the group are children of this server.
    if running.is_alive() or (_start_of(running.pid) is None and _same_boot(running)):
        _signal(running, signal.SIGKILL, group=True)
        end = time.monotonic() + 5
        while (running.is_alive() or _group_is_alive(running.pid)) and time.monotonic() < end:
            time.sleep(0.02)
    # Where this very process started it, the system keeps its pid in use until it is asked how it ended.
    with suppress(ChildProcessError):
        os.waitpid(running.pid, os.WNOHANG)
    return was_alive


def _signal(running: Running, number: int, group: bool) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(running.pid, number)
        else:
            os.kill(running.pid, number)


def _record_file(name: str, home: Path) -> Path:
    return home / "run" / f"{name}.json"


def _last_lines(file: Path, start: int, count: int = 8) -> str:
    with file.open("rb") as content:
        content.seek(start)
        lines = content.read().decode("utf-8", "replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (it printed nothing)"


def _port_sentence(server: str, number: int, home: Path) -> str:
    return (
        f"Port {number}, which {server} listens on, is in use by another program. "
        "Stop that program (is it a shop in another folder?), or choose another port in "
        f"{home / 'ports.json'}, then try again."
    )


def _start_of(pid: int) -> str | None:
    """When this process began, in the system's own terms; None when there is none, or it has ended."""
    if sys.platform == "linux":
        try:
            # The fields after the program's name, which may hold spaces and brackets.
            state, *fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None if state in "ZX" else f"{_boot()} {fields[18]}"
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    state, _, began = answer.partition(" ")
    return None if not began or state.startswith("Z") else began.strip()


def _group_is_alive(number: int) -> bool:
    """Whether a process of this group still runs; one that has ended and nobody asked how does not."""
    try:
        os.killpg(number, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if sys.platform != "linux":
        return True
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group, *_ = file.read_text(errors="replace").rpartition(")")[2].split()
            if int(group) == number and state not in "ZX":
                return True
    return False


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _same_boot(running: Running) -> bool:
    return sys.platform != "linux" or running.started.startswith(_boot())


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Let Ctrl-C wait until the block is done: between a start and its record a server would be lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if received:
        raise KeyboardInterrupt
