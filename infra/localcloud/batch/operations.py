"""A cancellation or deletion in; the long-running operation that clients poll out."""

import uuid
from datetime import UTC, datetime
from typing import Any

from google.cloud import batch_v1
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2
from grpc import StatusCode

from localcloud.batch.names import Parent
from localcloud.batch.store import Store
from localcloud.grpcserver import StatusError


class Operations:
    """The long-running operations, kept with the jobs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, parent: Parent, verb: str, target: str) -> Any:
        """A new operation on the job `target`."""
        operation = operations_pb2.Operation(name=f"{parent}/operations/operation-{uuid.uuid4()}")
        metadata = batch_v1.OperationMetadata(create_time=datetime.now(UTC), target=target, verb=verb, api_version="v1")
        operation.metadata.Pack(batch_v1.OperationMetadata.pb(metadata))
        self._store.save_operation(operation, target)
        return operation

    def finish(self, target: str, verb: str, response: Any | None = None) -> None:
        """End the operations of one kind on `target`."""
        for operation in self._store.operations_on(target):
            metadata = batch_v1.OperationMetadata()
            operation.metadata.Unpack(batch_v1.OperationMetadata.pb(metadata))
            if operation.done or metadata.verb != verb:
                continue
            metadata.end_time = datetime.now(UTC)
            operation.metadata.Pack(batch_v1.OperationMetadata.pb(metadata))
            operation.done = True
            operation.response.Pack(response or empty_pb2.Empty())
            self._store.save_operation(operation, target)

    async def get(self, request: Any) -> Any:
        """google.longrunning.Operations/GetOperation."""
        operation = self._store.operation(request.name)
        if operation is None:
            raise StatusError(StatusCode.NOT_FOUND, f"there is no operation {request.name!r}")
        return operation
