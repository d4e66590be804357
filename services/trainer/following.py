"""A training in; its progress, curves, pictures and checkpoints where people and the next attempt find them, out."""

import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from headrace.adapters.tracking import TrainingRun
from headrace.workload import World
from services.trainer.checkpoints import Checkpoints
from services.trainer.progress import Part


class PlatformRun:
    """`headrace.workload.Run` of rank 0 of a training job."""

    def __init__(self, world: World, report: Part, tracked: TrainingRun, checkpoints: Checkpoints) -> None:
        self.world = world
        self._report, self._tracked, self._checkpoints = report, tracked, checkpoints
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether SIGTERM came: a Spot machine has about half a minute left."""
        return self._stop.is_set()

    def progress(self, share: float, words: str) -> None:
        """Into the job's progress object."""
        self._report(share, words)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Into the curves of the MLflow run."""
        self._tracked.curve(step, values)

    def picture(self, name: str, png: bytes) -> None:
        """Into the artifacts of the MLflow run."""
        self._tracked.picture(name, png)

    def restore(self) -> Path | None:
        """The newest checkpoint. From now on SIGTERM sets `stopping`, for whoever restores also saves."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        return self._checkpoints.restore()

    def save(self, folder: Path, step: int) -> None:
        """Into the store; when the machine is about to go, not before it is there."""
        self._checkpoints.save(folder, step)
        if self.stopping:
            self._checkpoints.wait()


class PeerRun:
    """`headrace.workload.Run` of every other rank: it restores what rank 0 saved, and is heard only when it must go."""

    def __init__(self, world: World, checkpoints: Checkpoints) -> None:
        self.world = world
        self._checkpoints = checkpoints
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether SIGTERM came; then all stop, and rank 0 saves."""
        return self._stop.is_set()

    def progress(self, share: float, words: str) -> None:
        """Rank 0 says it."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Rank 0 logs it."""

    def picture(self, name: str, png: bytes) -> None:
        """Rank 0 draws it."""

    def restore(self) -> Path | None:
        """The newest checkpoint."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        return self._checkpoints.restore()

    def save(self, folder: Path, step: int) -> None:
        """Rank 0 saves it."""
