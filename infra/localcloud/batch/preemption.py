"""A running Spot job in; its VM taken away, as Compute Engine would, out: `python -m localcloud.batch.preemption`."""

import argparse
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2

from localcloud.batch.jobs import is_spot
from localcloud.batch.runs import Runs
from localcloud.batch.store import Store
from localcloud.grpcserver import StatusError

SERVICE = "headrace.localcloud.Preemption"
"""No part of Google's API: on Google Cloud nobody asks for a preemption."""


class Preemption:
    """The server's side."""

    def __init__(self, store: Store, runs: Runs) -> None:
        self._store = store
        self._runs = runs

    async def preempt(self, request: Any) -> Any:
        """Preempt `{job, task?}`; a job of STANDARD VMs, or one of which nothing runs, is refused."""
        fields = dict(request)
        name, index = fields["job"], fields.get("task")
        job = self._store.job(name)
        if job is None:
            raise StatusError(grpc.StatusCode.NOT_FOUND, f"there is no job {name!r}")
        if not is_spot(job):
            raise StatusError(
                grpc.StatusCode.FAILED_PRECONDITION, f"job {name} has no Spot VMs; set provisioning_model SPOT"
            )
        if not self._runs.preempt(name, None if index is None else int(index)):
            what = "nothing" if index is None else f"no task {int(index)}"
            raise StatusError(grpc.StatusCode.FAILED_PRECONDITION, f"of job {name} {what} is running")
        return empty_pb2.Empty()


def preempt(address: str, job: str, task: int | None = None) -> None:
    """Preempt task number `task` of `job` (a full name), or all its running tasks, on the server at `address`.

    Each gets SIGTERM, then SIGKILL after the server's grace, and ends with exit code 50001.
    """
    request = struct_pb2.Struct()
    request.update({"job": job} if task is None else {"job": job, "task": task})
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(
            f"/{SERVICE}/Preempt", struct_pb2.Struct.SerializeToString, empty_pb2.Empty.FromString
        )
        call(request, timeout=10.0)


def main() -> None:
    """Preempt a job from the command line."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.batch.preemption", description="Preempt a Spot job.")
    parser.add_argument("job", help="projects/PROJECT/locations/LOCATION/jobs/JOB")
    parser.add_argument("--task", type=int, help="only the task with this index")
    parser.add_argument("--port", type=int, required=True, help="the Batch server's port on 127.0.0.1")
    options = parser.parse_args()
    preempt(f"127.0.0.1:{options.port}", options.job, options.task)


if __name__ == "__main__":
    main()
