"""Loans in; a booster that the workers of a Dask cluster trained together out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from tempfile import TemporaryDirectory
from typing import Any

import dask.array as da
import numpy.typing as npt
import xgboost
from dask import delayed
from distributed import Client, LocalCluster
from xgboost import dask as dxgb

from .follower import HELD_OUT, Follower
from .table import Table

_PART = 1 << 17
"""Loans that are sent at a time."""

_PATIENCE_SECONDS = 300
"""A cluster that grows by demand has no worker yet."""


@contextmanager
def on_dask(scheduler: str | None) -> Iterator[Callable[..., xgboost.Booster]]:
    """What trains on the cluster at the address `scheduler`; without one, on a worker for each core of this machine."""
    if scheduler:
        with Client(scheduler) as client:
            client.wait_for_workers(1, timeout=_PATIENCE_SECONDS)
            yield partial(_train, client)
        return
    with (
        TemporaryDirectory(prefix="dask-") as scratch,
        LocalCluster(threads_per_worker=1, dashboard_address=None, local_directory=scratch) as cluster,
        Client(cluster) as client,
    ):
        yield partial(_train, client)


def _train(
    client: Client, settings: Mapping[str, Any], loans: Table, watched: Table | None, follower: Follower
) -> xgboost.Booster:
    learned = dxgb.DaskQuantileDMatrix(client, *_sent(client, loans))
    evals = [(dxgb.DaskQuantileDMatrix(client, *_sent(client, watched), ref=learned), HELD_OUT)] if watched else []
    found = dxgb.train(client, dict(settings), learned, follower.rounds, evals=evals, verbose_eval=False)
    # The rounds run on the workers, out of sight of the run; it hears of them afterwards.
    for done in range(1, follower.rounds + 1):
        follower.tell(done, found["history"].get(HELD_OUT, {}))
    return found["booster"]


def _sent(client: Client, loans: Table) -> tuple[da.Array, da.Array]:
    """The matrix and the labels, part by part in turn on the workers: they need not see this machine's disk."""
    workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
    size = min(_PART, -(-len(loans) // len(workers)))
    x, y = [], []
    for part, worker in zip(loans.pages(size), cycle(workers), strict=False):
        x.append(_array(client, part.x, worker))
        y.append(_array(client, part.y, worker))
    return da.concatenate(x), da.concatenate(y)


def _array(client: Client, array: npt.NDArray[Any], worker: str) -> da.Array:
    future = client.scatter(array, workers=[worker], hash=False)
    return da.from_delayed(delayed(future), array.shape, array.dtype)
