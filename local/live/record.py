"""What the emulator has written down, read as it grows."""

import json
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

# More than two files of 8 MB hold.
MOST = 50_000

Happening = dict[str, Any]


@define
class Record:
    """The happenings that the emulator recorded in `file`, and in the one that it kept before.

    Of each kind there is a writer in `local.emulator.traces`, which says what it has.
    """

    file: Path
    _kept: deque[Happening] = field(factory=lambda: deque(maxlen=MOST), init=False)
    _position: int = field(default=0, init=False)
    _inode: int = field(default=0, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def all(self) -> Sequence[Happening]:
        """All of them, in the order in which they were written."""
        self.more()
        return tuple(self._kept)

    def more(self) -> Sequence[Happening]:
        """Those that were written since this was last asked; all that there are, when it is asked first."""
        with self._lock:
            found = [*self._rest_of_the_one_before(), *self._rest()]
            self._kept.extend(found)
            return found

    def _rest_of_the_one_before(self) -> list[Happening]:
        """What is left to read of a file that was full, and was put aside for a new one."""
        before = self.file.with_name(f"{self.file.name}.1")
        try:
            inode = self.file.stat().st_ino
        except FileNotFoundError:
            return []
        if inode == self._inode:
            return []
        begin, self._position, self._inode = self._position, 0, inode
        return self._read(before, begin)[0] if before.exists() else []

    def _rest(self) -> list[Happening]:
        try:
            found, self._position = self._read(self.file, self._position)
        except FileNotFoundError:
            return []
        return found

    def _read(self, file: Path, begin: int) -> tuple[list[Happening], int]:
        """The whole lines from there on, and where the next one will begin."""
        with file.open("rb") as lines:
            lines.seek(begin)
            whole = lines.read().rpartition(b"\n")[0]
        found = [json.loads(line) for line in whole.splitlines()]
        return found, begin + len(whole) + bool(whole)
