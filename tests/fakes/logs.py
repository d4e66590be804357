"""Cloud Logging in memory: it has what a test says that jobs wrote."""

from collections.abc import Callable, Sequence
from datetime import datetime

from headrace.ports import LogLine


class FakeLogs:
    """Lines by the uid of a Batch job or the name of a Cloud Run job; `before` is called first and may raise."""

    def __init__(self) -> None:
        self.lines: dict[str, list[LogLine]] = {}
        self.before: Callable[[], None] = lambda: None

    def of_job(self, uid: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        return self._newest(uid, since, most)

    def of_run(self, job: str, since: datetime, most: int = 200) -> Sequence[LogLine]:
        return self._newest(job, since, most)

    def _newest(self, key: str, since: datetime, most: int) -> list[LogLine]:
        self.before()
        return [line for line in self.lines.get(key, []) if line.at >= since][-most:]
