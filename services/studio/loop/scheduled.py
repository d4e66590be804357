"""The jobs that run on a schedule: when, and the end of what they wrote."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st

from headrace.ports import LogLine, Platform
from services.studio.loop import logview, reads
from services.studio.outages import told
from services.studio.studio import Studio

KEPT = timedelta(days=7)
MOST = 200


def draw(studio: Studio) -> None:
    """One of them at a time, and its log only where somebody asks for it."""
    jobs = _jobs()
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    name = left.selectbox("Job", list(jobs), format_func=lambda job: f"{job} ({jobs[job]})", key="loop.scheduled")
    if right.toggle("Its log", key="loop.scheduled.log") and name:
        with told(f"The log of {name}"):
            logview.draw(_lines(studio.platform, name.replace("_", "-")), "It has written nothing in the last week.")


def _jobs() -> Mapping[str, str]:
    """Each job with its schedule, as cron says it."""
    found = reads.described().deployables.items()
    return {name: each.schedule for name, each in found if each.entry == "job" and each.schedule}


@st.cache_data(ttl=10, show_spinner=False)
def _lines(_platform: Platform, job: str) -> Sequence[LogLine]:
    return _platform.logs.of_run(job, _platform.clock.now() - KEPT, MOST)
