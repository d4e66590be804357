"""A task and what its container runs in; the process, and the variables it gets, out."""

from pathlib import Path
from typing import Any

from localcloud.processes import Images, Process, start


class Host:
    """This machine as tasks see it; `stop_grace` is seconds from SIGTERM to SIGKILL."""

    def __init__(self, state: Path, images: Images, environment: dict[str, str], stop_grace: float) -> None:
        self._state = state
        self._images = images
        self._environment = environment
        self.stop_grace = stop_grace

    @property
    def owner(self) -> str:
        """The mark of every process that belongs to this server."""
        return f"run:{self._state}"

    def command(self, container: Any) -> list[str]:
        """What a container runs: its `command` in place of the image's, then its `args`."""
        of_the_image = self._images.command(container.image)
        return [*(container.command or of_the_image), *container.args]

    async def start(self, execution: Any, task: Any, command: list[str]) -> Process:
        """Start an attempt at a task, with its log appended to `logs/EXECUTION/INDEX-ATTEMPT.log`."""
        log = self._state / "logs" / task.execution / f"{task.index}-{task.retried}.log"
        return await start(command, self._variables(execution, task), log, self.owner)

    def _variables(self, execution: Any, task: Any) -> dict[str, str]:
        return {
            **self._environment,
            **{variable.name: variable.value for variable in task.containers[0].env},
            "CLOUD_RUN_JOB": execution.job,
            "CLOUD_RUN_EXECUTION": task.execution,
            "CLOUD_RUN_TASK_INDEX": str(task.index),
            "CLOUD_RUN_TASK_COUNT": str(execution.task_count),
            "CLOUD_RUN_TASK_ATTEMPT": str(task.retried),
        }
