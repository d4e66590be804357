"""The checks of a workload in; surprise, columns, rows and scores over time, drawn."""

from collections.abc import Mapping, Sequence

import streamlit as st

from headrace.options.drift import Drift
from headrace.records.driftlog import Column, Entry
from services.studio.charts import drift as charts
from services.studio.reading import drift
from services.studio.wording import at, plain

MOST_COLUMNS, MOST_CHECKS = 24, 40


def draw(rule: Drift, looked: Sequence[Entry], found: Sequence[Entry]) -> None:
    """Everything that there are numbers of."""
    numbered = [entry for entry in looked if entry.columns]
    if numbered:
        _surprise(rule, numbered)
        _heat(numbered[-MOST_CHECKS:])
    left, right = st.columns(2)
    with left:
        _volume(found)
    with right:
        _held(looked)


def _surprise(rule: Drift, numbered: Sequence[Entry]) -> None:
    st.subheader("Surprise over time")
    st.altair_chart(
        charts.surprise([_most(entry) for entry in numbered]),
        alt="The most surprising column of each check, against the threshold",
    )
    st.caption(
        "The most surprising column of each check, in decimal places of its chance without drift. Dashed is the "
        f"threshold: of windows without drift, {rule.false_alarms:.1%} are beyond it."
    )


def _heat(numbered: Sequence[Entry]) -> None:
    columns = drift.strongest(numbered, MOST_COLUMNS)
    st.subheader("Which columns, in which window")
    rows = [_cell(entry, column) for entry in numbered for column in entry.columns if column.name in columns]
    checks = [_short(entry) for entry in numbered]
    st.altair_chart(charts.heat(rows, columns, checks), alt="Columns by checks: how near an alarm each was")
    hidden = len({column.name for entry in numbered for column in entry.columns}) - len(columns)
    more = f" {hidden} more columns moved less." if hidden > 0 else ""
    st.caption(f"A cross is an alarm: beyond the threshold, and enough rows moved.{more}")


def _volume(found: Sequence[Entry]) -> None:
    rows = [_rate(entry) for entry in found if entry.rate is not None]
    if rows:
        st.subheader("Rows an hour")
        st.altair_chart(charts.volume(rows), alt="Rows an hour, check by check")
        said = next((entry.volume for entry in reversed(found) if entry.volume), None)
        st.caption(
            plain(said) if said else "Nothing unusual: no window had three times more or fewer than those before."
        )


def _held(looked: Sequence[Entry]) -> None:
    rows = [_score(entry) for entry in looked if entry.held]
    st.subheader("Performance in use")
    if rows:
        metric = str(rows[-1]["metric"])
        st.altair_chart(charts.held(rows), alt=f"{metric} on rows whose truth is known, check by check")
        st.caption(
            f"{plain(metric)} on rows whose truth is known. Dashed: on the test set. A triangle: it has decayed."
        )
    else:
        st.caption("No true labels came yet: tell them by `POST /models/NAME/feedback`, or on the page Predict.")


def _most(entry: Entry) -> Mapping[str, object]:
    most = max(entry.columns, key=drift.strength)
    return {
        "at": entry.at.isoformat(),
        "when": at(entry.at),
        "surprise": drift.surprise(most.chance),
        "threshold": drift.surprise(most.bound),
        "column": most.name,
        "verdict": entry.verdict,
    }


def _cell(entry: Entry, column: Column) -> Mapping[str, object]:
    return {
        "check": _short(entry),
        "at": entry.at.isoformat(),
        "when": at(entry.at),
        "column": column.name,
        "words": column.what,
        "change": column.change,
        "strength": drift.strength(column),
        "alarm": column.alarm,
    }


def _short(entry: Entry) -> str:
    return f"{entry.at:%m-%d %H:%M:%S}"


def _rate(entry: Entry) -> Mapping[str, object]:
    return {
        "at": entry.at.isoformat(),
        "when": at(entry.at),
        "rows": entry.rows,
        "rate": entry.rate,
        "volume": entry.volume or "usual",
        "unusual": "unusual" if entry.volume else "usual",
    }


def _score(entry: Entry) -> Mapping[str, object]:
    held = entry.held
    if held is None:
        return {}
    return {
        "at": entry.at.isoformat(),
        "when": at(entry.at),
        "version": entry.version,
        "metric": held.metric,
        "now": held.now[0],
        "low": held.now[1],
        "high": held.now[2],
        "before": held.then[0],
        "decayed": "yes" if held.decayed else "no",
    }
