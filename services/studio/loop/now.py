"""What goes on at this moment, drawn again every few seconds: the figures, the picture, the trainings."""

import streamlit as st

from headrace.errors import HeadraceError
from services.studio.loop import picture, reads, trainings
from services.studio.outages import told
from services.studio.reading.loop import hops, jobs
from services.studio.reading.loop.hops import Seen
from services.studio.studio import Studio

LIVELY, QUIET = 4, 30
"""Seconds between two looks while something goes on, and while nothing does: listing a bucket costs."""

PACE, DETAIL = "loop.pace", "loop.detail"


def pace(studio: Studio, period: str, workload: str) -> int:
    """Seconds between two looks. What is read for it is what is drawn a moment later."""
    try:
        found = _pace(reads.seen(studio, period, workload))
    except HeadraceError:  # the part that is drawn from it says so
        found = QUIET
    st.session_state[PACE] = found
    return found


def figures(studio: Studio, period: str, workload: str) -> None:
    """What there is how much of; the dead letters come last, for they take a second."""
    with st.container(horizontal=True), told("What goes on"):
        seen = reads.seen(studio, period, workload)
        active = hops.active(seen.jobs)
        running = sum(job.state == "RUNNING" for job in active)
        st.metric("Trainings running", running)
        st.metric("Trainings waiting", len(active) - running)
        st.metric("Training is", "paused" if seen.paused else "on")
        st.metric("Events", len(seen.facts))
        place = st.empty()
        place.metric("Dead letters", "…")
        with told("The number of dead letters"):
            count = reads.dead_letters(studio.where.project, studio.where.pubsub_endpoint)
            place.metric("Dead letters", count, help="Events that were delivered again and again, and nobody handled.")


def draw(studio: Studio, period: str, workload: str) -> None:
    """The picture and the trainings."""
    with told("The loop"):
        seen = reads.seen(studio, period, workload)
        everything = st.toggle("Everything beside the loop, too", key="loop.everything")
        picture.draw(hops.loop(reads.described(), seen), seen.now, everything)
        st.subheader("Trainings")
        _trainings(studio, seen)
        if st.session_state.get(PACE) != _pace(seen):
            st.rerun()


def _pace(seen: Seen) -> int:
    return LIVELY if hops.is_lively(seen) else QUIET


def _trainings(studio: Studio, seen: Seen) -> None:
    found = reads.attempts(studio.platform, seen.jobs)
    trainings.overview(found, seen.now)
    if not found:
        return
    names = {each.job.id: f"{each.name} ({each.job.created:%m-%d %H:%M})" for each in found}
    wanted = st.selectbox("Look into", list(names), format_func=lambda job: names.get(job, job), key="loop.job")
    attempt = jobs.pick(found, wanted)
    st.session_state.setdefault(DETAIL, not found[0].is_over)
    if st.toggle("Curves and log", key=DETAIL) and attempt:
        trainings.detail(studio, attempt)
