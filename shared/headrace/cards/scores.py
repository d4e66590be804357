"""A verdict in; the sections of a model card that say on which numbers it rests out."""

from collections.abc import Iterator, Mapping

from headrace.cards.document import Section, Table
from headrace.policy.promotion import Promotion
from headrace.policy.verdict import Interval, Measured, Verdict
from headrace.ports import Version

_NONE = "–"


def scores(verdict: Verdict, rows: int, champion: Version | None) -> Iterator[Section]:
    """Every score with what holds it, beside the champion's."""
    if not verdict.scores:
        return
    before: Mapping[str, float] = verdict.champion_scores or {}
    about = f"On {rows:,} rows that were held out from training and frozen, with bootstrap intervals."
    if champion and before:
        about += f" The champion was version {champion.number}, scored on the same rows."
    against = ("champion",) if champion and before else ()
    lines = [
        (name, _interval(verdict.intervals.get(name), score), *(_number(before.get(name)) for _ in against))
        for name, score in verdict.scores.items()
    ]
    yield Section("Scores", [about, Table(("score", "this version", *against), lines)])


def slices(verdict: Verdict) -> Iterator[Section]:
    """Every group's score beside the champion's, and how sure a loss is where the policy bounds it."""
    if not verdict.groups:
        return
    losses = any(group.gain for group in verdict.groups)
    lines = [
        (
            f"{group.slice}: {group.name}",
            f"{group.rows:,}",
            f"{group.metric} {_number(group.score)}",
            _number(group.champion_score),
            *([f"{group.gain:+.4f}" if group.gain else _NONE] if losses else []),
        )
        for group in verdict.groups
    ]
    guarded = ", ".join(dict.fromkeys(group.slice for group in verdict.groups if group.judged))
    about = f"The promotion policy guards {guarded}." if guarded else "Shown, not judged."
    columns = ("group", "rows", "score", "champion", *(["loss"] if losses else []))
    yield Section("Slices", [about, Table(columns, lines)])


def fairness(policy: Promotion, verdict: Verdict) -> Iterator[Section]:
    """How far apart groups are, and by how much they may be; that nothing was asked for, where that is so."""
    if not policy.fairness:
        yield Section("Fairness", ["The workload names no protected column, so no groups were compared."])
        return
    lines = [
        (
            f"{gap.measure} by {gap.slice}",
            f"{gap.difference:.3f}",
            f"{gap.limit:g}",
            ", ".join(f"{name} {rate:.3f}" for name, rate in gap.rates.items()) or "too few rows",
        )
        for gap in verdict.gaps
    ]
    about = "The widest difference between two groups. Its whole interval has to be within the limit."
    yield Section("Fairness", [about, Table(("difference", "found", "limit", "groups"), lines)])


def limits(verdict: Verdict) -> Iterator[Section]:
    """What the exported model takes, how old its data is, and how near it is to the model that was trained."""
    lines = [line for line in _measured(verdict.measured) if line[1] != _NONE]
    if lines:
        yield Section("Measured", [Table(("what", "found"), lines)])


def _measured(found: Measured) -> Iterator[tuple[str, str]]:
    yield "one row", _unit(found.row_ms, "ms")
    yield f"a batch of {found.batch_rows} rows", _unit(found.batch_ms, "ms")
    yield "size", _unit(found.size_mib, "MiB")
    yield "age of the data when it was judged", _unit(found.age_days, "days")
    yield "largest difference from the trained model", _unit(found.parity, "")


def _interval(interval: Interval | None, score: float) -> str:
    return f"{interval:.4f}" if interval else _number(score)


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"


def _unit(value: float | None, unit: str) -> str:
    return _NONE if value is None else f"{value:.3g} {unit}".strip()
