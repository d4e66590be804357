"""A bucket in memory, with Cloud Storage's generations and preconditions."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import md5
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple

import google_crc32c

from headrace.errors import Exists, NotFound
from headrace.ports import Clock, Objects, Stat


class _Object(NamedTuple):
    stat: Stat
    data: bytes


class FakeObjects:
    """Holds the latest generation of every object, as a bucket without versioning does.

    `before` is called with the name of the method and of the object before anything happens; a test may wait in it for
    other threads, or raise.
    """

    def __init__(self, bucket: str, clock: Clock) -> None:
        self.bucket = bucket
        self.before: Callable[[str, str], None] = lambda _method, _name: None
        self._clock = clock
        self._objects: dict[str, _Object] = {}
        self._generations = count(1_772_438_400_000_001)
        self._lock = Lock()

    def uri(self, name: str) -> str:
        return f"gs://{self.bucket}/{name}"

    def link(self, name: str) -> str:
        return f"https://storage.cloud.google.com/{self.bucket}/{name}"

    def stat(self, name: str) -> Stat:
        self.before("stat", name)
        return self._get(name).stat

    def list(self, prefix: str, after: str | None = None) -> Iterator[Stat]:
        self.before("list", prefix)
        with self._lock:
            found = [self._objects[name].stat for name in sorted(self._objects) if name.startswith(prefix)]
        return (stat for stat in found if after is None or stat.name >= after)

    def read(self, name: str, limit: int | None = None) -> bytes:
        self.before("read", name)
        return self._get(name).data[:limit]

    @contextmanager
    def open(self, name: str, generation: int) -> Iterator[BinaryIO]:
        self.before("open", name)
        found = self._get(name)
        if generation != found.stat.generation:
            raise NotFound(f"there is no {self.uri(name)}#{generation}")
        yield BytesIO(found.data)

    def write(self, name: str, data: bytes, over: int | None = None) -> int:
        self.before("write", name)
        return self._put(name, data, over).generation

    def create(self, name: str, data: bytes) -> None:
        self.before("create", name)
        self._put(name, data, over=0)

    def upload(self, name: str, path: Path, metadata: Mapping[str, str] | None = None, over: int | None = None) -> Stat:
        self.before("upload", name)
        return self._put(name, path.read_bytes(), over, metadata)

    def copy(self, name: str, source: Objects, original: str, generation: int) -> None:
        self.before("copy", name)
        if source.stat(original).generation != generation:
            raise NotFound(f"there is no {source.uri(original)}")
        self._put(name, source.read(original), over=0)

    def download(self, name: str, path: Path, generation: int | None = None) -> None:
        self.before("download", name)
        found = self._get(name)
        if generation not in (None, found.stat.generation):
            raise NotFound(f"there is no {self.uri(name)}#{generation}")
        path.write_bytes(found.data)

    def delete(self, name: str) -> None:
        """As somebody with the right to do so may."""
        with self._lock:
            del self._objects[name]

    def names(self, prefix: str = "") -> tuple[str, ...]:
        """Every object's name, sorted."""
        return tuple(stat.name for stat in self.list(prefix))

    def _get(self, name: str) -> _Object:
        with self._lock:
            if name not in self._objects:
                raise NotFound(f"there is no {self.uri(name)}")
            return self._objects[name]

    def _put(self, name: str, data: bytes, over: int | None = None, metadata: Mapping[str, str] | None = None) -> Stat:
        with self._lock:
            there = self._objects[name].stat.generation if name in self._objects else 0
            if over not in (None, there):
                raise Exists(f"{self.uri(name)} is there already")
            stat = Stat(
                name=name,
                generation=next(self._generations),
                size=len(data),
                crc32c=b64encode(google_crc32c.Checksum(data).digest()).decode(),
                updated=self._clock.now(),
                md5=b64encode(md5(data).digest()).decode(),
                metadata=dict(metadata or {}),
            )
            self._objects[name] = _Object(stat, data)
            return stat
