"""Files in memory."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from attrs import field

from common.kinds import service
from common.logging import correlation_id
from common.ports.clock import Clock
from common.ports.objects import StoredObject


@service
class MemoryObjects:
    """`ObjectStore` in memory, for one thread. A version is a hash of the body, as S3's is."""

    _clock: Clock
    _objects: dict[str, StoredObject] = field(factory=dict, init=False)

    def add(self, key: str, body: bytes, content_type: str) -> bool:
        if key in self._objects:
            return False
        self._put(key, body)
        return True

    def replace(self, key: str, body: bytes, content_type: str, version: str) -> bool:
        if key not in self._objects or self._objects[key].version != version:
            return False
        self._put(key, body)
        return True

    def _put(self, key: str, body: bytes) -> None:
        version = hashlib.sha256(body).hexdigest()
        self._objects[key] = StoredObject(body, version, self._clock.now(), correlation_id())

    def get(self, key: str) -> StoredObject | None:
        return self._objects.get(key)

    def remove(self, key: str) -> None:
        self._objects.pop(key, None)

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self._objects if key.startswith(prefix)))

    def link(self, key: str, file_name: str, valid: timedelta) -> str | None:
        if key not in self._objects:
            return None
        return f"memory:{quote(key)}?file={quote(file_name)}&seconds={int(valid.total_seconds())}"
