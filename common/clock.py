"""The real time, and ids made of it."""

import os
from datetime import UTC, datetime
from uuid import UUID


class SystemClock:
    """A `Clock`: the computer's."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomIds:
    """`Ids` with the system's randomness."""

    def new(self, at: datetime) -> UUID:
        return uuid7(at, os.urandom(10))


def uuid7(at: datetime, randomness: bytes) -> UUID:
    """The UUIDv7 of a moment and ten bytes of randomness (RFC 9562, section 5.7)."""
    milliseconds = int(at.timestamp() * 1000)
    value = milliseconds << 80 | int.from_bytes(randomness, "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
