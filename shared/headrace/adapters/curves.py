"""Points and drawings as a training makes them in; the same in its MLflow run, each step once, out."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time

from mlflow import MlflowClient
from mlflow.entities import Metric

log = logging.getLogger("headrace.training")

MOST = 900  # a request to MLflow takes 1000 metrics


class Curves:
    """Sends in the background: a training waits for MLflow only at its end, when what was not sent is sent again."""

    def __init__(self, client: MlflowClient, run: str) -> None:
        self._client, self._run = client, run
        self._sender = ThreadPoolExecutor(1, "curves")
        self._unsent: list[Metric] = []
        self._undrawn: dict[str, bytes] = {}
        self._last: int | None = None

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """A point on each curve."""
        now = int(time() * 1000)
        points = [Metric(name, float(value), now, step) for name, value in values.items()]
        self._sender.submit(_try, lambda: self._add(points))

    def add_picture(self, name: str, png: bytes) -> None:
        """A drawing, under `pictures/`."""
        self._sender.submit(_try, lambda: self._draw({name: png}))

    def close(self) -> None:
        """Send what is left. Raises what MLflow's client raises."""
        self._sender.shutdown()
        self._add([])
        self._draw({})

    def _add(self, points: list[Metric]) -> None:
        self._unsent += points
        if not self._unsent:
            return
        if self._last is None:
            self._last = self._logged(self._unsent[0].key)
        due = [point for point in self._unsent if point.step > self._last]
        for start in range(0, len(due), MOST):
            self._client.log_batch(self._run, metrics=due[start : start + MOST])
        self._unsent = []

    def _draw(self, pictures: Mapping[str, bytes]) -> None:
        self._undrawn |= pictures
        with TemporaryDirectory(prefix="headrace-") as scratch:
            for name, png in self._undrawn.items():
                path = Path(scratch) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(png)
            if self._undrawn:
                self._client.log_artifacts(self._run, scratch, "pictures")
        self._undrawn = {}

    def _logged(self, curve: str) -> int:
        """The last step that an earlier attempt logged; -1 when there was none."""
        return max((point.step for point in self._client.get_metric_history(self._run, curve)), default=-1)


def _try(send: Callable[[], None]) -> None:
    try:
        send()
    except Exception as error:  # a curve is no reason to stop a training
        log.warning("MLflow takes no curves for now: %s", error)
