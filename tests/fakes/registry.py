"""MLflow's registry in memory; a version's source is a folder on this machine."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

from headrace.errors import NotFound
from headrace.ports import Clock, Logged, Tracked, Version


class FakeRegistry:
    """Models, versions, tags and aliases.

    `before` is called with the name of the method before it does anything, and may raise.
    """

    def __init__(self, clock: Clock) -> None:
        self.before: Callable[[str], None] = lambda _: None
        self._clock = clock
        self._runs: dict[str, Path] = {}
        self.attached: dict[tuple[str, str], bytes] = {}
        self._tracked: dict[tuple[str, str], Tracked] = {}
        self._curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
        self._versions: dict[str, dict[int, Version]] = {}
        self._aliases: dict[str, dict[str, int]] = {}
        self._lock = Lock()

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        self.before("workloads")
        with self._lock:
            return {workload: dict(aliases) for workload, aliases in self._aliases.items()}

    def versions(self, workload: str) -> Sequence[Version]:
        self.before("versions")
        with self._lock:
            return list(self._versions.get(workload, {}).values())

    def version(self, workload: str, number: int) -> Version:
        self.before("version")
        with self._lock:
            return self._get(workload, number)

    def alias(self, workload: str, alias: str) -> Version | None:
        self.before("alias")
        with self._lock:
            number = self._aliases.get(workload, {}).get(alias)
            return None if number is None else self._get(workload, number)

    def set_alias(self, workload: str, alias: str, number: int) -> None:
        self.before("set_alias")
        with self._lock:
            self._get(workload, number)
            self._aliases[workload][alias] = number

    def delete_alias(self, workload: str, alias: str) -> None:
        self.before("delete_alias")
        with self._lock:
            self._aliases.get(workload, {}).pop(alias, None)

    def tag(self, workload: str, number: int, tags: Mapping[str, str]) -> None:
        self.before("tag")
        with self._lock:
            version = self._get(workload, number)
            self._versions[workload][number] = replace(version, tags={**version.tags, **tags})

    def register(self, workload: str, run_id: str, source: str, tags: Mapping[str, str]) -> Version:
        self.before("register")
        with self._lock:
            self._aliases.setdefault(workload, {})
            versions = self._versions.setdefault(workload, {})
            number = max(versions, default=0) + 1
            versions[number] = Version(workload, number, run_id, source, self._clock.now(), dict(tags))
            return versions[number]

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        self.before("logged")
        if run_id not in self._runs or path != "export":
            raise NotFound(f"run {run_id} logged no folder {path!r}")
        return Version(workload, 0, run_id, str(self._runs[run_id]), self._clock.now())

    def download(self, version: Version, folder: Path) -> None:
        self.before("download")
        for file in Path(version.source).iterdir():
            shutil.copy(file, folder)

    def training(self, version: Version) -> Logged:
        self.before("training")
        if not version.run_id:
            raise NotFound(f"no run made version {version.number} of {version.workload}")
        params, metrics = {"learning_rate": "0.1"}, {"parity": 2e-7}
        return Logged(params, metrics, {"headrace.job": "job-1"}, self._clock.now(), None)

    def tracked(self, workload: str, job: str) -> Tracked | None:
        self.before("tracked")
        return self._tracked.get((workload, job))

    def curve(self, run_id: str, metric: str, most: int = 300) -> Sequence[tuple[int, float]]:
        self.before("curve")
        points = self._curves.get((run_id, metric), [])
        return points[:: max(1, -(-len(points) // most))]

    def attach(self, version: Version, path: str, content: bytes) -> None:
        self.before("attach")
        if not version.run_id:
            raise NotFound(f"no run made version {version.number} of {version.workload}")
        with self._lock:
            self.attached[version.run_id, path] = content

    def attachment(self, version: Version, path: str) -> bytes:
        self.before("attachment")
        with self._lock:
            if (version.run_id, path) not in self.attached:
                raise NotFound(f"run {version.run_id} keeps no {path}")
            return self.attached[version.run_id, path]

    def log(self, folder: Path) -> tuple[str, str]:
        """Let a new run have logged the folder as `export`: the run's id and the folder's source."""
        with self._lock:
            run = f"run-{len(self._runs) + 1}"
            self._runs[run] = folder
        return run, str(folder)

    def track(self, workload: str, job: str, curves: Mapping[str, Sequence[float]]) -> str:
        """Let a training have begun a run, and logged each curve's values at steps 1, 2, …; returns the run's id."""
        run = f"run-of-{job}"
        last = {metric: values[-1] for metric, values in curves.items()}
        logged = Logged({}, last, {"headrace.job": job}, self._clock.now(), None)
        self._tracked[workload, job] = Tracked(run, "1", logged)
        for metric, values in curves.items():
            self._curves[run, metric] = list(enumerate(values, start=1))
        return run

    def delete(self, workload: str, number: int) -> None:
        """As a person may in MLflow: the aliases that name the version go with it."""
        with self._lock:
            del self._versions[workload][number]
            kept = {alias: named for alias, named in self._aliases[workload].items() if named != number}
            self._aliases[workload] = kept

    def _get(self, workload: str, number: int) -> Version:
        if number not in self._versions.get(workload, {}):
            raise NotFound(f"{workload} has no version {number}")
        return self._versions[workload][number]
