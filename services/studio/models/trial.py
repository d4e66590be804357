"""A challenger that is tried on real traffic in; how it does against its bounds, drawn as it moves."""

import streamlit as st

from services.studio import asking
from services.studio.outages import told
from services.studio.reading import trial
from services.studio.reading.trial import Side, Trial
from services.studio.studio import Studio

EVERY = 3
"""Seconds between two looks."""


@st.fragment(run_every=EVERY)
def draw(studio: Studio, workload: str) -> None:
    """The trial that is under way."""
    with st.container(border=True), told("The trial on real traffic"):
        found = trial.under_way(asking.inference(studio).state(workload))
        if found is None:
            st.caption("The inference service has not begun the trial yet, or has just ended it.")
        else:
            _trial(found)


def _trial(found: Trial) -> None:
    st.markdown(f":violet[:material/science:] **Version {found.version} is tried on real traffic**, {_how(found)}.")
    asked = f"{found.challenger.requests:,} of {found.requests:,} requests"
    st.progress(found.done, f"{asked}, within {found.hours:g} hours; an instance counts by itself")
    new, old, apart = st.columns(3)
    _errors(new, "Errors", found.challenger, found.champion, f"{found.max_error_gain:.2%} more are allowed")
    _times(old, found)
    allowed = "no bound" if found.max_disagreement is None else f"{found.max_disagreement:.1%} is allowed"
    said = None if found.disagreement is None else f"{found.disagreement:.1%}"
    apart.metric("Answers that differ", said, help="The share of answers that are not the champion's.")
    apart.caption(allowed)


def _how(found: Trial) -> str:
    share = f"{found.share:.0%}"
    if found.mode == "canary":
        return f"answering {share} of the requests"
    return f"asked beside the champion in {share} of the requests, and nobody gets its answers"


def _errors(place: "st.delta_generator.DeltaGenerator", title: str, new: Side, old: Side, allowed: str) -> None:
    rate = new.errors / new.requests if new.requests else 0.0
    place.metric(title, f"{rate:.2%}", help=f"{new.errors} of {new.requests:,} requests failed.")
    place.caption(f"The champion: {old.errors} of {old.requests:,}. {allowed}.")


def _times(place: "st.delta_generator.DeltaGenerator", found: Trial) -> None:
    new, old = found.challenger.ms, found.champion.ms
    place.metric("Typical time", None if new is None else f"{new:.3g} ms")
    beside = "not measured" if old is None else f"{old:.3g} ms"
    place.caption(f"The champion: {beside}. {found.max_latency_ratio:g} times that is allowed.")
