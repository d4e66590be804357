"""The Batch server's options in; google.cloud.batch.v1 served on 127.0.0.1 until cancelled out."""

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping

from google.cloud import batch_v1
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2, struct_pb2

from localcloud.batch.cpus import Cpus
from localcloud.batch.machine import Machine
from localcloud.batch.operations import Operations
from localcloud.batch.preemption import SERVICE, Preemption
from localcloud.batch.record import Record
from localcloud.batch.runs import Runs
from localcloud.batch.service import BatchService
from localcloud.batch.store import Store
from localcloud.grpcserver import Method, grpc_server, listen
from localcloud.processes import Images, StateFolder, end_orphans


async def serve_batch(options: argparse.Namespace) -> None:
    """Serve until cancelled, then stop every task's processes."""
    with StateFolder(options.state) as folder, contextlib.closing(Store(folder.path / "batch.sqlite")) as store:
        machine = Machine(
            folder.path, Images(options.image), dict(options.env), options.preemption_grace, options.stop_grace
        )
        await end_orphans(machine.owner)
        async with _outbox(store, options.pubsub) as announce:
            record, operations = Record(store, announce), Operations(store)
            runs = Runs(store, record, operations, machine, Cpus(round(1000 * options.cpus)))
            service = BatchService(store, record, operations, runs, notifies=bool(options.pubsub))
            server = grpc_server(_methods(service, operations, Preemption(store, runs)))
            listen(server, options.port)
            await server.start()
            runs.resume()
            try:
                await asyncio.Event().wait()  # its own wait, once cancelled, has `stop` cut every call off
            finally:
                await server.stop(grace=None)
                await runs.close()


@contextlib.asynccontextmanager
async def _outbox(store: Store, pubsub: str | None) -> AsyncIterator[Callable[[], None]]:
    if not pubsub:
        yield lambda: None
        return
    from localcloud.batch.outbox import Outbox

    outbox = Outbox(store, pubsub)
    publishing = asyncio.ensure_future(outbox.run())
    try:
        yield outbox.announce
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)


def _methods(
    service: BatchService, operations: Operations, preemption: Preemption
) -> Mapping[str, Mapping[str, Method]]:
    operation = operations_pb2.Operation
    return {
        "google.cloud.batch.v1.BatchService": {
            "CreateJob": Method(service.create_job, batch_v1.CreateJobRequest, batch_v1.Job),
            "GetJob": Method(service.get_job, batch_v1.GetJobRequest, batch_v1.Job),
            "ListJobs": Method(service.list_jobs, batch_v1.ListJobsRequest, batch_v1.ListJobsResponse),
            "CancelJob": Method(service.cancel_job, batch_v1.CancelJobRequest, operation),
            "DeleteJob": Method(service.delete_job, batch_v1.DeleteJobRequest, operation),
            "GetTask": Method(service.get_task, batch_v1.GetTaskRequest, batch_v1.Task),
            "ListTasks": Method(service.list_tasks, batch_v1.ListTasksRequest, batch_v1.ListTasksResponse),
        },
        "google.longrunning.Operations": {
            "GetOperation": Method(operations.get, operations_pb2.GetOperationRequest, operation),
        },
        SERVICE: {"Preempt": Method(preemption.preempt, struct_pb2.Struct, empty_pb2.Empty)},
    }
