"""Jobs of trainings in; how far each is, and of one of them its curves and the end of its log, drawn, out."""

from collections.abc import Sequence
from datetime import datetime

import altair as alt
import pandas as pd
import streamlit as st

from headrace.ports import Job, LogLine, Platform
from headrace.training.jobs import Training
from services.studio.linking import Links
from services.studio.loop import logview
from services.studio.loop.picture import lasted
from services.studio.outages import told
from services.studio.reading.loop import jobs
from services.studio.reading.loop.jobs import Attempt, Curves
from services.studio.studio import Studio
from services.studio.wording import plain

_ICONS = {"RUNNING": ":material/play_arrow:", "SUCCEEDED": ":material/check:", "FAILED": ":material/error:"}


def overview(found: Sequence[Attempt], now: datetime) -> None:
    """A row for each training that is not over, and one line for the others."""
    if not found:
        st.info(
            "No training in this time. Drop data on the page Data, or `headrace drop WORKLOAD FILE`.",
            icon=":material/info:",
        )
    for attempt in found:
        if not attempt.is_over:
            _row(attempt, now)
    if over := [attempt for attempt in found if attempt.is_over]:
        with st.expander(f"{len(over)} that are over", expanded=len(over) == len(found)):
            st.markdown("\n".join(map(_line, over)))


def _row(attempt: Attempt, now: datetime) -> None:
    job = attempt.job
    since = lasted(jobs.seconds_in_state(job, now))
    kind = "spot machine" if job.spot else "machine that stays"
    with st.container(gap="xxsmall"):
        st.progress(min(attempt.share, 1.0), f"{_icon(job)} **{attempt.name}**: {plain(attempt.words)}")
        st.caption(f"{job.state.lower()} for {since} · {kind} · dataset {attempt.training.dataset} · job {job.id}")


def _line(attempt: Attempt) -> str:
    at = f"{attempt.job.created:%m-%d %H:%M}"
    return f"- {_icon(attempt.job)} `{at}` **{attempt.name}**: {plain(attempt.words)}"


def detail(studio: Studio, attempt: Attempt) -> None:
    """The curves and the log of one training."""
    with told("The curves"):
        drawn = _curves(studio.platform, attempt.training, attempt.is_over)
        if drawn is None:
            st.caption("It has no run in MLflow yet.")
        else:
            _draw(drawn)
            address = Links(studio.where).run(drawn.run.experiment, drawn.run.run_id)
            st.markdown(f"[Its run in MLflow :material/open_in_new:]({address})")
    with told("The log"):
        lines = _lines(studio.platform, attempt.job, attempt.is_over)
        logview.draw(lines, "Nothing of its log is kept." if attempt.is_over else "It has written nothing yet.")


def _draw(curves: Curves) -> None:
    if not curves.points:
        st.caption("It has drawn no curves.")
        return
    places = st.columns(min(3, len(curves.points)))
    for number, (name, points) in enumerate(curves.points.items()):
        places[number % 3].altair_chart(_chart(name, points))


def _chart(name: str, points: Sequence[tuple[int, float]]) -> alt.Chart:
    rows = pd.DataFrame(points, columns=["step", "value"])
    chart: alt.Chart = (
        alt.Chart(rows, title=alt.Title(name, anchor="start", fontSize=13))
        .mark_line(point=len(points) < 60)
        .encode(
            alt.X("step:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=5)),
            alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4)),
            tooltip=["step", alt.Tooltip("value:Q", format=".4g")],
        )
        .properties(height=150)
    )
    return chart


def _icon(job: Job) -> str:
    return _ICONS.get(job.state, ":material/hourglass_empty:")


def _curves(platform: Platform, training: Training, is_over: bool) -> Curves | None:
    return (_old_curves if is_over else _new_curves)(platform, training)


def _lines(platform: Platform, job: Job, is_over: bool) -> Sequence[LogLine]:
    """Cloud Logging answers a project sixty times a minute: a log that grows is read every five seconds at most."""
    return (_old_lines if is_over else _new_lines)(platform, job)


@st.cache_data(ttl=4, show_spinner=False)
def _new_curves(_platform: Platform, training: Training) -> Curves | None:
    return jobs.curves(_platform, training)


@st.cache_data(ttl=120, show_spinner=False)
def _old_curves(_platform: Platform, training: Training) -> Curves | None:
    return jobs.curves(_platform, training)


@st.cache_data(ttl=5, show_spinner=False)
def _new_lines(_platform: Platform, job: Job) -> Sequence[LogLine]:
    return jobs.log(_platform, job)


@st.cache_data(ttl=120, show_spinner=False)
def _old_lines(_platform: Platform, job: Job) -> Sequence[LogLine]:
    return jobs.log(_platform, job)
