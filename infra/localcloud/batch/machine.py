"""The server's options in; what every task on this machine shares out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.processes import Images


@dataclass(frozen=True, slots=True)
class Machine:
    """Where tasks run: `preemption_grace` and `stop_grace` are seconds from SIGTERM to SIGKILL."""

    state: Path
    images: Images
    environment: Mapping[str, str]
    preemption_grace: float
    stop_grace: float

    @property
    def owner(self) -> str:
        """The mark of every process that belongs to this server."""
        return f"batch:{self.state}"

    def log(self, job: str, task: int, runnable: int, attempt: int) -> Path:
        """Where stdout and stderr of one runnable go; `job` is the last part of the name."""
        return self.state / "logs" / job / f"{task}-{runnable}-{attempt}.log"

    def name_log(self, job: str, uid: str) -> None:
        """Write which job's log this is: Cloud Logging knows jobs by their uid."""
        path = self.state / "logs" / job / "uid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(uid)

    def hosts_file(self, uid: str) -> Path:
        """The hosts file of the job with this uid."""
        return self.state / "hosts" / uid

    def script(self, uid: str, task: int, runnable: int) -> Path:
        """The file that holds a script runnable's text."""
        return self.state / "scripts" / uid / f"{task}-{runnable}"
