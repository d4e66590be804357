"""A folder and a port in; a service in a process of its own, which writes what it publishes to a file, out."""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from headrace.ports import Message
from headrace.workload import Arrays, Codec, Instance
from services.inference.main import serve
from services.inference.service import Inference
from services.inference.web.app import Application

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny

SLOW = -1
SLOW_SECONDS = 5


class FileBus:
    """Appends the lines of every message to one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, *messages: Message) -> None:
        with self._path.open("ab") as file:
            file.writelines(message.data + b"\n" for message in messages)


class _Slow(TinyCodec):
    """Takes so long that a thread has to do it, and much longer over a row whose `a` is `SLOW`."""

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        time.sleep(SLOW_SECONDS if any(row.get("a") == SLOW for row in instances) else 0.002)
        return super().encode(instances)


class _SlowServing(TinyServing):
    def open(self, _: Path) -> Codec:
        return _Slow()


def main(folder: Path, port: int, slow: bool) -> None:
    """Serve version 1 of `tiny` until told to stop."""
    tempfile.tempdir = str(folder / "temporary")
    Path(tempfile.tempdir).mkdir(exist_ok=True)
    platform = FakePlatform(folder / "registry", FileBus(folder / "published"))
    platform.fake_registry.publish("tiny", 1)
    workload = tiny(serving=_SlowServing() if slow else None)
    serve(Application(lambda: Inference(platform, [workload])), "127.0.0.1", port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "slow" in sys.argv[3:])
