"""What the page reads, each thing once for everybody who looks within some seconds."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import streamlit as st

from headrace import topology
from headrace.ports import Job, Platform
from headrace.records import story
from headrace.records.audit import Recorded
from headrace.records.story import Step
from headrace.topology import Topology
from headrace.training import pausing
from headrace.training.pausing import Pause
from services.studio.reading.loop import happenings, hops, jobs
from services.studio.reading.loop.happenings import Memory
from services.studio.reading.loop.hops import RECENT, Seen
from services.studio.reading.loop.jobs import Attempt
from services.studio.studio import Studio

TOPOLOGY = Path(__file__).parents[3] / "infra" / "topology.yaml"
PERIODS = {
    "15 min": timedelta(minutes=15),
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "1 week": timedelta(weeks=1),
}
ALL = "All workloads"


def seen(studio: Studio, period: str, workload: str) -> Seen:
    """What the picture shows, read in parallel. Raises Unavailable."""
    now, here = studio.platform.clock.now(), studio.platform
    with ThreadPoolExecutor(4) as threads:
        facts = threads.submit(happened, here, period)
        listed = threads.submit(all_jobs, here)
        flows = threads.submit(_flows, here)
        stopped = threads.submit(paused, here)
        of_it = [job for job in listed.result() if workload in (ALL, job.labels.get("workload"))]
        recent = [job for job in of_it if job.created >= now - PERIODS[period] or job in hops.active([job])]
        about = [each for each in facts.result() if workload in (ALL, each.fact.workload)]
        flowing = ("predictions",) if flows.result() else ()
        return Seen(now, about, recent, flowing, paused=stopped.result() is not None)


@st.cache_resource(show_spinner=False)
def described() -> Topology:
    """The topology that this studio was deployed with."""
    return topology.load(TOPOLOGY)


@st.cache_resource(ttl=3, show_spinner=False)
def happened(_platform: Platform, period: str) -> tuple[Recorded, ...]:
    """Every fact of a period, oldest first; nobody changes them, so all are given the same."""
    return tuple(happenings.happened(_platform.audit, _platform.clock.now() - PERIODS[period], _memory()))


@st.cache_data(ttl=2, show_spinner=False)
def all_jobs(_platform: Platform) -> list[Job]:
    """Every job that Batch knows."""
    return list(_platform.jobs.list())


def attempts(platform: Platform, found: Sequence[Job]) -> list[Attempt]:
    """How far the trainings among the jobs are: those under way first, then the newest of those that are over."""
    active = hops.active(found)
    over = sorted((job for job in found if job not in active), key=lambda job: job.created)[-jobs.MOST :]
    return _under_way(platform, tuple(active)) + _over(platform, tuple(over))


@st.cache_data(ttl=2, show_spinner=False)
def _under_way(_platform: Platform, found: tuple[Job, ...]) -> list[Attempt]:
    return jobs.attempts(_platform, found)


@st.cache_data(ttl=30, show_spinner=False)
def _over(_platform: Platform, found: tuple[Job, ...]) -> list[Attempt]:
    """What became of a job may be known a moment after it has ended: the verdict is not the job's."""
    return jobs.attempts(_platform, found)


@st.cache_data(ttl=3, show_spinner=False)
def paused(_platform: Platform) -> Pause | None:
    """The pause that is not over."""
    return pausing.current(_platform.store)


@st.cache_data(ttl=10, show_spinner=False)
def told_of(_platform: Platform, workload: str, dataset: str) -> list[Step]:
    """The story of a dataset version."""
    return story.of_dataset(_platform, workload, dataset, _memory().read)


@st.cache_data(ttl=30, show_spinner=False)
def datasets(_platform: Platform, workload: str, most: int = 50) -> Sequence[str]:
    """A workload's dataset versions, the newest first."""
    found = [stat for stat in _platform.store.list(f"datasets/{workload}/") if stat.name.endswith("/manifest.json")]
    newest = sorted(found, key=lambda stat: stat.updated, reverse=True)[:most]
    return [stat.name.split("/")[2] for stat in newest]


@st.cache_data(ttl=30, show_spinner=False)
def dead_letters(project: str, endpoint: str) -> int:
    """How many messages nobody could handle, up to a hundred; where there are none, the service takes a second."""
    from headrace.adapters import deadletters

    return deadletters.count(project, endpoint)


@st.cache_data(ttl=15, show_spinner=False)
def _flows(_platform: Platform) -> bool:
    return happenings.is_flowing(_platform.audit, "predictions", _platform.clock.now() - RECENT)


@st.cache_resource(show_spinner=False)
def _memory() -> Memory:
    return Memory()
