"""The command line of a training job in; what to train, and with how many others, out."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from headrace import catalogue
from headrace.errors import Rejected


@dataclass(frozen=True, slots=True)
class Order:
    """What to train, and under which name; `job` is the training's id, the same for each of its attempts."""

    workload: str
    dataset: str
    candidate: str
    job: str
    nodes: int = 1
    devices: int = 1

    @property
    def processes(self) -> int:
        """How many train together."""
        return self.nodes * self.devices

    @property
    def is_searched(self) -> bool:
        """Whether the parameters are yet to be found."""
        search = catalogue.describe(self.workload).search
        return search is not None and self.candidate == search.name

    @property
    def params(self) -> dict[str, Any]:
        """The candidate's parameters. Raises Rejected when the workload has no such candidate any more."""
        candidates = catalogue.describe(self.workload).candidates
        if self.candidate not in candidates:
            raise Rejected(f"{self.workload} has no candidate {self.candidate!r}; it has {', '.join(candidates)}")
        return dict(candidates[self.candidate])


def read(arguments: Sequence[str]) -> tuple[Order, str | None]:
    """The order, and the trace it belongs to."""
    parser = argparse.ArgumentParser(prog="python -m services.trainer.job", description="Train one candidate.")
    for name in ("workload", "dataset", "candidate", "job"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("nodes", "devices"):
        parser.add_argument(f"--{name}", type=int, default=1)
    parser.add_argument("--traceparent")
    given = vars(parser.parse_args(arguments))
    traceparent = given.pop("traceparent")
    return Order(**given), traceparent
