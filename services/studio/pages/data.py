"""The page "Data": a workload's dataset versions and what became of them, uploads that were refused, and a new one."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from headrace import catalogue, loading
from services.studio.data import detail, upload
from services.studio.outages import told
from services.studio.reading import data as reading
from services.studio.reading.data import Known, Made, Refused, Use
from services.studio.studio import Studio

REFUSED_DAYS = 30
SECONDS = 15
"""For so long what was read is shown again."""


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Data")
    workload = _workload(studio)
    st.caption(catalogue.describe(workload).title)
    upload.draw(studio, workload)
    with told("The dataset versions"):
        _versions(studio, workload)
    st.fragment(parallel=True)(_refused)(studio, workload)


def _workload(studio: Studio) -> str:
    """Of those there are, first the one that data came for last."""
    names, newest = list(loading.names()), ""
    with told("Where there is data"):
        newest = _newest(studio)
    first = names.index(newest) if newest in names else 0
    return st.selectbox("Workload", names, index=first, key="workload", bind="query-params")


def _versions(studio: Studio, workload: str) -> None:
    known = _known(studio, workload)
    if not known.made:
        st.info(
            f"No data yet: drop a file above, or `headrace drop {workload} FILE` in a terminal.", icon=":material/info:"
        )
        return
    uses: Mapping[str, Use] = {}
    with told("What was trained on it"):
        uses = _uses(studio, workload)
    st.subheader(f"{known.total:,} dataset version{'s' * (known.total != 1)}")
    chosen = _table(known.made, uses)
    if known.total > len(known.made):
        st.caption(f"The newest {len(known.made):,} are shown.")
    with told("The dataset version"):
        detail.draw(studio, chosen, uses.get(chosen.dataset))


def _table(made: Sequence[Made], uses: Mapping[str, Use]) -> Made:
    """The version whose row is chosen; without one, that of the page's address, or the newest."""
    state = st.dataframe(
        [_row(each, uses.get(each.dataset)) for each in made],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(made) <= 10 else 388,
        key="data.versions",
        placeholder="–",
        alt="Dataset versions, the newest first",
        column_config={
            "made (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "size": st.column_config.NumberColumn(format="bytes", width=90),
            "files": st.column_config.NumberColumn(format="localized"),
            "rows to train on": st.column_config.NumberColumn(format="localized"),
            "rows to test on": st.column_config.NumberColumn(format="localized"),
            "models": st.column_config.ListColumn(help="The versions that were trained on it."),
            "from": st.column_config.TextColumn(help="The upload, or the drift check whose labels were added."),
            "parent": st.column_config.TextColumn(help="The version that a file was added to."),
        },
    )
    rows = state.selection.rows
    if rows and rows[0] < len(made):
        return made[rows[0]]
    named = st.query_params.get("dataset")
    return next((each for each in made if each.dataset == named), made[0])


def _row(each: Made, use: Use | None) -> dict[str, object]:
    return {
        "version": each.dataset,
        "made (UTC)": each.at,
        "files": len(each.manifest.files),
        "size": each.size,
        "rows to train on": use.train_rows if use else None,
        "rows to test on": use.test_rows if use else None,
        "models": [str(number) for number in use.models] if use else [],
        "test set": ", ".join(use.testsets) if use else "",
        "from": each.manifest.source.partition("#")[0],
        "parent": each.parent or "",
    }


def _refused(studio: Studio, workload: str) -> None:
    with told("Refused uploads"):
        _refusals(_refused_uploads(studio, workload))


def _refusals(found: Sequence[Refused]) -> None:
    st.subheader(f"{len(found):,} refused upload{'s' * (len(found) != 1)}")
    if not found:
        st.caption(f"Nothing was refused in the last {REFUSED_DAYS} days.")
        return
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "at (UTC)": each.at,
                    "workload": each.workload,
                    "why": each.reason,
                    "what": each.source.partition("#")[0],
                }
                for each in found
            ]
        ),
        hide_index=True,
        alt="Uploads that were refused, the newest first",
        column_config={
            "at (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "why": st.column_config.TextColumn(width="large"),
        },
    )
    st.caption(
        f"Of the last {REFUSED_DAYS} days. Nothing trained on them, and each is where it was put. What is refused just "
        "now is here a minute later, for the audit trail is written once a minute."
    )


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _newest(_studio: Studio) -> str:
    return reading.newest(_studio.platform.store)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _known(_studio: Studio, workload: str) -> Known:
    return reading.known(_studio.platform.store, workload)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _uses(_studio: Studio, workload: str) -> Mapping[str, Use]:
    return reading.uses(_studio.platform.registry.versions(workload))


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _refused_uploads(_studio: Studio, workload: str) -> list[Refused]:
    since = _studio.platform.clock.now() - timedelta(days=REFUSED_DAYS)
    return reading.refused(_studio.platform.audit, workload, since)
