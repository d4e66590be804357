"""A folder in; the same folder, held by this server alone, out."""

import fcntl
from pathlib import Path
from types import TracebackType
from typing import Self


class StateFolder:
    """A server's durable folder, locked while it is open; the kernel unlocks it when the server dies."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise OSError(f"{self.path} belongs to a running server; stop it or choose another --state") from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()
