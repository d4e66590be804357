"""A workload's aliases as the registry has them in; every change of one, with who made it and why, kept.

Each entry of the ledger says what all aliases name, so that whatever changes next is seen, by whomever it is done: an
alias that the platform has no reason for was moved by hand in MLflow. What is set and removed again in one moment,
before anybody looks, leaves no entry. Champions have a ledger of their own, which is written before the alias is; here
it is only noted that there is none any more.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace.errors import Exists, NotFound
from headrace.ports import Objects, Platform
from headrace.promotion import promotions
from headrace.promotion.promotions import BY_HAND, Change
from headrace.promotion.rejections import TRIAL
from headrace.promotion.trials import CHALLENGER, SINCE

EVALUATOR = "evaluator"


class Moved(BaseModel):
    """An alias that names another version than before, or none."""

    model_config = ConfigDict(frozen=True)

    alias: str
    version: int | None
    before: int | None
    actor: str
    reason: str


class Seen(BaseModel):
    """What all aliases of a workload named at a time, and what had changed."""

    model_config = ConfigDict(frozen=True)

    workload: str
    at: datetime
    aliases: Mapping[str, int]
    moved: tuple[Moved, ...]


def history(store: Objects, workload: str) -> list[Seen]:
    """Every time that something had changed, oldest first."""
    return [_read(store, stat.name) for stat in store.list(f"aliases/{workload}/")]


def observe(platform: Platform, workload: str) -> None:
    """Keep what has changed since the last time; of several who see the same, one does."""
    names = [stat.name for stat in platform.store.list(f"aliases/{workload}/")]
    before = _read(platform.store, names[-1]).aliases if names else {}
    head = promotions.last(platform.store, workload)
    now = _settled(platform.registry.workloads().get(workload, {}), before, head)
    if now != before:
        moved = tuple(_moved(platform, workload, before, now, head))
        seen = Seen(workload=workload, at=platform.clock.now(), aliases=now, moved=moved)
        with suppress(Exists):
            platform.store.create(f"aliases/{workload}/{len(names) + 1:06d}.json", seen.model_dump_json().encode())


def _settled(now: Mapping[str, int], before: Mapping[str, int], head: Change | None) -> Mapping[str, int]:
    """The aliases, with the champion that its own ledger agrees on."""
    rest = {alias: version for alias, version in now.items() if alias != "champion"}
    if "champion" not in now:
        return rest
    agreed = head.version if head and head.version == now["champion"] else before.get("champion")
    return rest if agreed is None else {"champion": agreed, **rest}


def _moved(
    platform: Platform, workload: str, before: Mapping[str, int], now: Mapping[str, int], head: Change | None
) -> Iterator[Moved]:
    for alias in sorted(before.keys() | now.keys()):
        was, names = before.get(alias), now.get(alias)
        if was != names:
            actor, reason = _cause(platform, workload, alias, was, names, head)
            yield Moved(alias=alias, version=names, before=was, actor=actor, reason=reason)


def _cause(
    platform: Platform, workload: str, alias: str, was: int | None, names: int | None, head: Change | None
) -> tuple[str, str]:
    if head and (alias, names) in (("champion", head.version), ("previous", head.replaced)):
        return head.actor, head.reason
    if alias == CHALLENGER and names is not None and SINCE in _tags(platform, workload, names):
        return EVALUATOR, "it passed the offline judgement, and is tried on traffic"
    over = TRIAL in _tags(platform, workload, was) or (head is not None and head.version == was)
    if alias == CHALLENGER and names is None and over:
        return EVALUATOR, "its trial on traffic is over"
    return BY_HAND, "the alias was removed in MLflow" if names is None else "the alias was set in MLflow"


def _tags(platform: Platform, workload: str, version: int | None) -> Mapping[str, str]:
    try:
        return platform.registry.version(workload, version or 0).tags
    except NotFound:
        return {}


def _read(store: Objects, name: str) -> Seen:
    return Seen.model_validate_json(store.read(name))
