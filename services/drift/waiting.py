"""Labels that have arrived, and were not looked at yet, in; the same at the next check out.

Each object of the feedback is read once for a workload. What no window is about as yet waits, and what is too little to
look at.
"""

from datetime import UTC, datetime

import msgspec

from headrace.errors import Busy, Exists, NotFound
from headrace.ports import Objects
from services.drift.keys import Keys
from services.drift.labels import MOST, Labels, Said

EVER = datetime(1970, 1, 1, tzinfo=UTC)
_DECODER = msgspec.json.Decoder(list[Said])


def load(store: Objects, workload: str) -> tuple[Labels, int]:
    """The labels and the generation that they were read at, which is 0 where none ever waited."""
    try:
        generation = store.stat(_name(workload)).generation
        return Labels.of(_DECODER.decode(store.read(_name(workload)))), generation
    except NotFound:
        return Labels({}), 0


def save(store: Objects, workload: str, labels: Labels, since: datetime, over: int) -> None:
    """Replace those of that generation by the newest of these, from `since` on. Raises Busy when others came since."""
    kept = sorted((each for each in labels.said.values() if each.time >= since), key=lambda each: each.time)[-MOST:]
    try:
        store.write(_name(workload), msgspec.json.encode(kept), over=over)
    except Exists:
        raise Busy(f"another drift check of {workload} is under way") from None


def forget(store: Objects, workload: str, rows: Keys) -> None:
    """Those of these rows wait no longer."""
    if len(rows):
        labels, generation = load(store, workload)
        left = labels.without(frozenset(rows.tolist()))
        save(store, workload, left, EVER, over=generation)


def _name(workload: str) -> str:
    return f"drift/{workload}/labels.json"
