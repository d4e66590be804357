"""A folder and a port in; a service in a process of its own, which writes what it publishes to a file, out."""

import sys
import tempfile
from pathlib import Path

from headrace.ports import Message
from services.inference.main import serve
from services.inference.service import Inference
from services.inference.web.app import Application

from .fakes import FakePlatform, tiny


class FileBus:
    """Appends the lines of every message to one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def publish(self, message: Message) -> None:
        with self._path.open("ab") as file:
            file.write(message.data + b"\n")


def main(folder: Path, port: int) -> None:
    """Serve version 1 of `tiny` until told to stop."""
    tempfile.tempdir = str(folder / "temporary")
    Path(tempfile.tempdir).mkdir(exist_ok=True)
    platform = FakePlatform(folder / "registry", FileBus(folder / "published"))
    platform.fake_registry.publish("tiny", 1)
    serve(Application(lambda: Inference(platform, [tiny()])), "127.0.0.1", port)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
