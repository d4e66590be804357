"""Batch in memory: jobs stay queued until a test ends them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Lock

from headrace.errors import NotFound
from headrace.ports import Clock, Job, JobSpec


class FakeJobs:
    """Keeps every job with the specification it was submitted with."""

    def __init__(self, clock: Clock) -> None:
        self.specs: dict[str, JobSpec] = {}
        self.cut_short: set[str] = set()
        self._jobs: dict[str, Job] = {}
        self._clock = clock
        self._lock = Lock()

    def submit(self, spec: JobSpec) -> bool:
        with self._lock:
            if spec.id in self._jobs:
                return False
            self.specs[spec.id] = spec
            now, uid = self._clock.now(), f"{spec.id[:40]}-uid"
            self._jobs[spec.id] = Job(spec.id, "QUEUED", dict(spec.labels), now, now, uid, spec.spot)
            return True

    def get(self, job: str) -> Job:
        with self._lock:
            if job not in self._jobs:
                raise NotFound(f"there is no job {job}")
            return self._jobs[job]

    def list(self) -> Sequence[Job]:
        with self._lock:
            return list(self._jobs.values())

    def was_cut_short(self, job: str) -> bool:
        return job in self.cut_short

    def end(self, job: str, state: str, ran: timedelta = timedelta(0)) -> None:
        """Let the job reach `state`, after it ran so long."""
        self._jobs[job] = replace(self.get(job), state=state, since=self._clock.now(), ran=ran)
