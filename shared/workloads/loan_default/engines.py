"""Loans in; a booster, trained in memory, out of core or on a Dask cluster, out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xgboost

from headrace.workload import BadData

from .follower import HELD_OUT, Follower
from .table import Table

Train = Callable[[Mapping[str, Any], Table, Table | None, Follower], xgboost.Booster]
"""From XGBoost's settings, the loans to learn from and perhaps some to be watched on, to a booster."""

_PAGE = 1 << 16
"""Loans that are read, and kept on disk, at a time."""


def engine(name: object, scheduler: object) -> AbstractContextManager[Train]:
    """The engine of that name; Dask's is a cluster of this machine's cores unless `scheduler` says where one is."""
    if name == "dask":
        from .cluster import on_dask

        return on_dask(None if scheduler is None else str(scheduler))
    if scheduler is not None:
        raise BadData(f"scheduler {scheduler!r} is of use to the engine dask only, and the engine is {name!r}")
    if name == "memory":
        return _in_memory()
    if name == "external":
        return _out_of_core()
    raise BadData(f"no engine named {name!r}; a candidate's `engine` is one of memory, external, dask")


@contextmanager
def _in_memory() -> Iterator[Train]:
    yield partial(_train, lambda loans, threads, _: xgboost.DMatrix(loans.x, loans.y, nthread=threads))


@contextmanager
def _out_of_core() -> Iterator[Train]:
    """Only what each loan adds to the loss stays in memory; the binned loans are paged from disk."""
    with TemporaryDirectory(prefix="loans-") as scratch:

        def matrix(loans: Table, threads: int, ref: xgboost.DMatrix | None) -> xgboost.DMatrix:
            return xgboost.ExtMemQuantileDMatrix(_Pages(loans, Path(scratch)), nthread=threads, ref=ref)

        yield partial(_train, matrix)


def _train(
    matrix: Callable[[Table, int, xgboost.DMatrix | None], xgboost.DMatrix],
    settings: Mapping[str, Any],
    loans: Table,
    watched: Table | None,
    follower: Follower,
) -> xgboost.Booster:
    # One thread unless asked for more: small models train faster so, and the same on every machine.
    threads = int(settings.get("nthread", 1))
    learned = matrix(loans, threads, None)
    evals = [] if watched is None else [(matrix(watched, threads, learned), HELD_OUT)]
    return xgboost.train(
        {**settings, "nthread": threads},
        learned,
        follower.rounds,
        evals=evals,
        verbose_eval=False,
        callbacks=[follower],
    )


class _Pages(xgboost.DataIter):
    def __init__(self, loans: Table, scratch: Path) -> None:
        super().__init__(cache_prefix=str(scratch / f"{id(self)}"))
        self._loans = loans
        self.reset()

    def next(self, input_data: Callable[..., None]) -> bool:
        page = next(self._pages, None)
        if page is None:
            return False
        input_data(data=page.x, label=page.y)
        return True

    def reset(self) -> None:
        self._pages = self._loans.pages(_PAGE)
