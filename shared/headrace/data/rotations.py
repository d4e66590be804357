"""A person's word that a dataset version is to be tested on other rows from now on in; where its test set lies, out.

A frozen test set is never replaced. A rotation opens the next place, which the next training fills with what the
workload's split gives then; what was judged before keeps what it was judged on.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace.errors import Busy, Exists, NotFound, Rejected
from headrace.ports import Objects, Platform


class Rotation(BaseModel):
    """That a test set was put aside, by whom and why; `number` counts those of the dataset version."""

    model_config = ConfigDict(frozen=True)

    workload: str
    dataset: str
    number: int
    actor: str
    reason: str
    at: datetime


def history(store: Objects, workload: str) -> list[Rotation]:
    """Every rotation of the workload's test sets."""
    return [Rotation.model_validate_json(store.read(stat.name)) for stat in store.list(f"rotations/{workload}/")]


def place(store: Objects, workload: str, dataset: str) -> str:
    """The object that says which files are the test set of a dataset version by now, whether it is there or not."""
    return _place(workload, dataset, len(list(store.list(f"rotations/{workload}/{dataset}/"))))


def rotate(platform: Platform, workload: str, dataset: str, actor: str, reason: str) -> Rotation:
    """Put a dataset version's test set aside. Raises Rejected where none was frozen since the last time."""
    store = platform.store
    number = len(list(store.list(f"rotations/{workload}/{dataset}/")))
    try:
        store.stat(_place(workload, dataset, number))
    except NotFound:
        raise Rejected(
            f"nothing is frozen for {workload} {dataset}, so that there is nothing to put aside; "
            f"`headrace retrain {workload} --dataset {dataset}` freezes its test set"
        ) from None
    rotation = Rotation(
        workload=workload, dataset=dataset, number=number + 1, actor=actor, reason=reason, at=platform.clock.now()
    )
    try:
        store.create(f"rotations/{workload}/{dataset}/{number + 1:06d}.json", rotation.model_dump_json().encode())
    except Exists:
        raise Busy(f"the test set of {workload} {dataset} was rotated by somebody else just now") from None
    return rotation


def _place(workload: str, dataset: str, rotated: int) -> str:
    return f"testsets/{workload}/{dataset}{f'.{rotated + 1}' if rotated else ''}.json"
