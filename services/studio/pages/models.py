"""The page "Models": who is champion, who challenges it and why, and what an operator may decide about them."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from headrace import catalogue, loading
from headrace.errors import Rejected
from headrace.policy.verdict import Verdict
from headrace.promotion import rollbacks
from headrace.records.trail import Entry
from services.studio import deciding
from services.studio.confirming import offer
from services.studio.models import comparison, history, origin, standing, trial
from services.studio.outages import told
from services.studio.reading import past, versions, waiting
from services.studio.reading.past import Reign
from services.studio.reading.versions import Seen
from services.studio.studio import Studio
from services.studio.wording import VERDICTS

SECONDS, MINUTE = 5, 60
"""For so long what was read is shown again: what moves, and what hardly does."""

PARTS = ("Comparison", "Model card", "Lineage", "History", "All versions")


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Models")
    with told("What waits for a person"):
        _waiting(studio)
    with told("The registry"):
        workload = _workload(studio)
        found = _versions(studio, workload)
        if found:
            _workloads(studio, workload, found)
        else:
            st.info(
                f"No model yet: drop data on the page Data, or `headrace drop {workload} FILE` in a terminal.",
                icon=":material/info:",
            )


def _waiting(studio: Studio) -> None:
    """First of all what nothing goes on without."""
    for version in _asked_for(studio):
        champion = waiting.champion(_versions(studio, version.workload))
        why_not = waiting.overtaken(version, champion)
        decisions = deciding.approve(studio, version, why_not), deciding.reject(studio, version)
        standing.waiting(studio, version, decisions)


def _workload(studio: Studio) -> str:
    """Of those there are, first one that has a champion."""
    names, named = list(loading.names()), _named(studio)
    first = next((name for name in names if "champion" in named.get(name, {})), names[0])
    chosen = st.selectbox("Workload", names, index=names.index(first), key="workload", bind="query-params")
    st.caption(catalogue.describe(chosen).title)
    return chosen


def _workloads(studio: Studio, workload: str, found: Sequence[Seen]) -> None:
    placed, policy = versions.slots(found), catalogue.describe(workload).promotion
    if placed:
        standing.draw(placed, policy, studio.platform.clock.now())
    _decisions(studio, workload, placed.get("champion"))
    if any(each.verdict == "on trial" for each in found):
        trial.draw(studio, workload)
    ours, theirs = _pair(workload, found, placed)
    tabs = dict(zip(PARTS, st.tabs(PARTS, key="part", bind="query-params"), strict=True))
    if tabs["Comparison"].open:
        with tabs["Comparison"], told("The comparison"):
            other = _verdict(studio, theirs) if theirs else None
            comparison.draw(policy, ours, _verdict(studio, ours), theirs, other)
    if tabs["Model card"].open:
        with tabs["Model card"], told("The model card"):
            origin.card(studio, ours)
    if tabs["Lineage"].open:
        with tabs["Lineage"]:
            origin.origin(studio, ours)
    if tabs["History"].open:
        with tabs["History"], told("The history"):
            history.timeline(*_past(studio, workload, studio.platform.clock.now()))
    if tabs["All versions"].open:
        with tabs["All versions"]:
            st.caption("Choose two rows to compare them.")
            history.table(found, policy, on_select=lambda: _choose(workload, found))
            history.gains(found, policy)


def _decisions(studio: Studio, workload: str, champion: Seen | None) -> None:
    retrain = deciding.retrain(studio, workload, champion.dataset if champion else "")
    if champion is None:
        offer(studio, f"models.{workload}", retrain, leading=False)
        return
    target, why_not = None, ""
    with told("What a rollback returns to"):
        target, why_not = _target(studio, workload)
    back = deciding.roll_back(studio, workload, champion.number, target, why_not)
    offer(studio, f"models.{workload}", back, retrain, leading=False)


def _pair(workload: str, found: Sequence[Seen], placed: dict[str, Seen]) -> tuple[Seen, Seen | None]:
    """The version that is looked at, and the one beside it: at first the challenger and what it was held against."""
    by_number = {each.number: each for each in found}
    ours = placed.get("challenger") or placed.get("champion") or found[0]
    rival = by_number.get(ours.against or 0) or placed.get("champion") or placed.get("previous")
    left, right = st.columns(2)
    chosen = left.selectbox(
        "Version",
        list(by_number),
        index=list(by_number).index(ours.number),
        format_func=lambda number: _label(by_number[number]),
        key=f"version.{workload}",
    )
    others = [None, *(number for number in by_number if number != chosen)]
    beside = rival.number if rival and rival.number in others else None
    against = right.selectbox(
        "Against",
        others,
        index=others.index(beside),
        format_func=lambda number: _label(by_number[number]) if number else "no other",
        key=f"against.{workload}",
    )
    return by_number[chosen], by_number.get(against or 0)


def _label(version: Seen) -> str:
    aliases = ", ".join(version.aliases)
    return f"{version.name}, {aliases or VERDICTS[version.verdict]}"


def _choose(workload: str, found: Sequence[Seen]) -> None:
    """Two rows of the table are the two that are compared."""
    rows = st.session_state[history.key(workload)]["selection"]["rows"][:2]
    if len(rows) == 2:
        newer, older = sorted((found[place].number for place in rows), reverse=True)
        st.session_state[f"version.{workload}"] = newer
        st.session_state[f"against.{workload}"] = older
        st.session_state["part"] = PARTS[0]


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _named(_studio: Studio) -> dict[str, dict[str, int]]:
    return {name: dict(aliases) for name, aliases in _studio.platform.registry.workloads().items()}


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _asked_for(_studio: Studio) -> list[Seen]:
    return waiting.everywhere(_studio.platform)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _versions(_studio: Studio, workload: str) -> list[Seen]:
    return versions.of(_studio.platform, workload)


@st.cache_data(ttl=MINUTE, show_spinner=False, hash_funcs=origin.BY_STATE)
def _verdict(_studio: Studio, version: Seen) -> Verdict:
    return versions.verdict(_studio.platform, version)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _target(_studio: Studio, workload: str) -> tuple[int | None, str]:
    """What a rollback returns to, or why there is none."""
    try:
        return rollbacks.target(_studio.platform, workload), ""
    except Rejected as reason:
        return None, f"{str(reason)[0].upper()}{str(reason)[1:]}."


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _past(_studio: Studio, workload: str, _now: datetime) -> tuple[list[Entry], list[Reign]]:
    store = _studio.platform.store
    return past.steps(store, workload), past.reigns(store, workload, _now)
