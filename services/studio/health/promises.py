"""What is promised of answers and how it is kept, on the page "Cost and health"."""

from collections.abc import Sequence
from math import isinf

import pandas as pd
import streamlit as st

from services.studio.asking import inference
from services.studio.outages import told
from services.studio.reading import health, promises, spending
from services.studio.reading.promises import Kept, Objectives
from services.studio.studio import Studio

SECONDS = 30


def draw(studio: Studio, deployed: str, asked: bool) -> None:
    """A line for each workload that was asked."""
    st.subheader("Promises")
    with told("What the inference services promise"):
        promised = promises.objectives(spending.ROOT, spending.load(deployed).environment.objectives)
        st.markdown(_said(promised))
        if not asked:
            st.caption("No service was asked. Cloud Monitoring, below, has the last 28 days without waking them.")
            return
        kept = _kept(studio, promised)
        if not kept:
            st.info("No model was asked yet: the page Predict does.", icon=":material/info:")
            return
        _table(kept, promised)
        st.caption(
            "By what each service counted since it started (`/metrics` of the instance that answered). A budget that "
            "burns at 1× lasts just as long as it is meant to; above that it is spent before its time."
        )


def _said(promised: Objectives) -> str:
    return (
        f"**{promised.available:.1%}** of requests are answered without an error, and **{promised.quick:.1%}** within "
        f"**{promised.milliseconds:g} ms**, says `{promises.FILE}`."
    )


def _table(kept: Sequence[Kept], promised: Objectives) -> None:
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "workload": each.workload,
                    "kept": _word(each, promised),
                    "requests": each.requests,
                    "errors": each.errors / each.requests,
                    "errors burn": each.error_burn,
                    "in time": each.quick,
                    "slowness burns": each.slow_burn,
                    "median": _time(each.median),
                    "99th percentile": _time(each.slowest),
                }
                for each in kept
            ]
        ),
        hide_index=True,
        height="content",
        alt="How each workload's service keeps its promises",
        column_config={
            "requests": st.column_config.NumberColumn(format="localized"),
            "errors": st.column_config.NumberColumn(format="percent"),
            "in time": st.column_config.NumberColumn(format="percent", help=f"Within {promised.milliseconds:g} ms."),
            "errors burn": st.column_config.NumberColumn(format="%.2f×"),
            "slowness burns": st.column_config.NumberColumn(format="%.2f×"),
        },
    )


def _word(each: Kept, promised: Objectives) -> str:
    if each.requests < promised.least_requests:
        return "– too few to say"
    return "✓ kept" if each.is_kept else "✗ overspent"


def _time(seconds: float) -> str:
    if isinf(seconds):
        return "over 10 s"
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _kept(_studio: Studio, promised: Objectives) -> list[Kept]:
    client = inference(_studio)
    return [each for names in health.addresses(client) for each in promises.kept(client.metrics(names[0]), promised)]
