"""A task group in; its nodes, each a loopback address, and the file that lists them out."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Nodes:
    """The VMs a group would have: `tasks_each` consecutive tasks on each."""

    count: int
    tasks_each: int

    @classmethod
    def of(cls, group: Any) -> Self:
        """As many nodes as `task_count_per_node` makes of the group; one, when it is not given."""
        each = min(group.task_count_per_node or group.task_count, group.task_count)
        return cls(ceil(group.task_count / each), each)

    def index(self, task: int) -> int:
        """The node that task number `task` runs on."""
        return task // self.tasks_each

    @staticmethod
    def address(node: int) -> str:
        """A loopback address of the node's own: 127.0.0.1, 127.0.0.2, … 127.0.0.250, 127.0.1.1, …"""
        return f"127.0.{node // 250}.{node % 250 + 1}"

    def write(self, path: Path) -> None:
        """Write BATCH_HOSTS_FILE: one address a line, the main node first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{self.address(node)}\n" for node in range(self.count)))
