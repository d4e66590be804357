"""The page "Loop": what moves, the trainings, the stories of dataset versions, the events, and what may be decided."""

import streamlit as st

from headrace import loading
from headrace.events import DatasetReady, DriftDetected
from headrace.training.pausing import Pause
from services.studio.linking import Links
from services.studio.loop import deciding, events, now, reads, scheduled, timeline
from services.studio.loop.reads import ALL, PERIODS
from services.studio.outages import told
from services.studio.reading.loop import hops, stages
from services.studio.studio import Studio

USUAL = "1 day"


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Loop")
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    period = left.segmented_control("Period", list(PERIODS), default=USUAL, key="loop.period") or USUAL
    workload = right.selectbox("Workload", [ALL, *loading.names()], key="loop.workload")
    pace = now.pace(studio, period, workload)
    st.fragment(run_every=pace, parallel=True)(now.figures)(studio, period, workload)
    st.fragment(run_every=pace)(now.draw)(studio, period, workload)
    st.subheader("From upload to champion")
    st.fragment(run_every=pace)(_stories)(studio, period, workload)
    st.subheader("Events")
    st.fragment(run_every=pace)(_events)(studio, period, workload)
    st.subheader("Jobs on a schedule")
    st.fragment(run_every=pace)(scheduled.draw)(studio)
    st.subheader("Decide")
    _decisions(studio)


def _stories(studio: Studio, period: str, workload: str) -> None:
    with told("The stories"):
        ready = {
            (each.fact.workload, each.fact.dataset): each.at
            for each in reads.happened(studio.platform, period)
            if isinstance(each.fact, DatasetReady | DriftDetected) and workload in (ALL, each.fact.workload)
        }
        if not ready:
            st.info(
                "No dataset version became ready in this time. Choose a longer one, or drop data on the page Data.",
                icon=":material/info:",
            )
            return
        newest = sorted(ready, key=lambda key: ready[key], reverse=True)
        names = {key: f"{key[0]} {key[1]} ({ready[key]:%Y-%m-%d %H:%M})" for key in newest}
        chosen = st.selectbox(
            "Dataset version", newest, format_func=lambda key: names.get(key, key), key="loop.dataset"
        )
        _story(studio, *chosen)


def _story(studio: Studio, workload: str, dataset: str) -> None:
    steps = reads.told_of(studio.platform, workload, dataset)
    under_way = {
        job.labels["candidate"]
        for job in hops.active(reads.all_jobs(studio.platform))
        if (job.labels.get("workload"), job.labels.get("dataset")) == (workload, dataset)
    }
    found = stages.stages(steps, under_way, studio.platform.clock.now())
    timeline.draw(steps, found, Links(studio.where), (workload, dataset))


def _events(studio: Studio, period: str, workload: str) -> None:
    with told("The events"):
        events.draw([each for each in reads.happened(studio.platform, period) if workload in (ALL, each.fact.workload)])


def _decisions(studio: Studio) -> None:
    paused: Pause | None = None
    with told("Whether training is paused"):
        paused = reads.paused(studio.platform)
    again, stop = st.columns(2)
    with again.container(border=True), told("Training again"):
        st.markdown("**Train again**")
        deciding.retrain(studio, paused)
    with stop.container(border=True), told("Pausing"):
        st.markdown("**Pause training**")
        deciding.pause(studio, paused)
