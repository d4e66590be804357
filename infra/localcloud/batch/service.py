"""Requests of google.cloud.batch.v1 in; jobs, tasks and operations out."""

import uuid
from typing import Any

from google.cloud import batch_v1
from grpc import StatusCode

from localcloud.batch import listing, names, validation
from localcloud.batch.operations import Operations
from localcloud.batch.record import FINISHED_JOB, JobState, Record
from localcloud.batch.runs import Runs
from localcloud.batch.status import with_progress
from localcloud.batch.store import Store
from localcloud.grpcserver import StatusError


class BatchService:
    """The methods of the API; `notifies` says whether there is a Pub/Sub to publish to."""

    def __init__(self, store: Store, record: Record, operations: Operations, runs: Runs, notifies: bool) -> None:
        self._store = store
        self._record = record
        self._operations = operations
        self._runs = runs
        self._notifies = notifies

    async def create_job(self, request: Any) -> Any:
        """Admit a job and start it; the same request_id within an hour returns the same job."""
        parent = names.parent(request.parent)
        known = self._store.requested(request.request_id) if request.request_id else None
        if known and (job := self._store.job(known)):
            return with_progress(job, self._store)
        job = validation.complete(request.job, parent)
        if job.notifications and not self._notifies:
            raise StatusError(
                StatusCode.FAILED_PRECONDITION, "the job has notifications; start the server with --pubsub HOST:PORT"
            )
        self._name(job, parent, request.job_id)
        self._record.created(parent, job, request.request_id)
        self._runs.start(job)
        return with_progress(job, self._store)

    async def get_job(self, request: Any) -> Any:
        """A job with its counts and run duration."""
        return with_progress(self._job(request.name), self._store)

    async def list_jobs(self, request: Any) -> Any:
        """A location's jobs, newest first unless `order_by` says otherwise."""
        names.parent(request.parent)
        jobs = listing.filter_jobs(self._store.jobs(request.parent), request.filter)
        page, token = listing.page(listing.order_jobs(jobs, request.order_by), request.page_size, request.page_token)
        return batch_v1.ListJobsResponse(jobs=[with_progress(job, self._store) for job in page], next_page_token=token)

    async def cancel_job(self, request: Any) -> Any:
        """Stop a job that is not finished; it stays, as CANCELLED."""
        job = self._job(request.name)
        state = JobState(job.status.state)
        if state in FINISHED_JOB or state == JobState.DELETION_IN_PROGRESS:
            raise StatusError(
                StatusCode.FAILED_PRECONDITION,
                f"job {request.name} is {state.name}; only a job in progress is cancelled",
            )
        operation = self._operations.begin(names.parent_of_job(job.name), "cancel", job.name)
        self._runs.cancel(job)
        return operation

    async def delete_job(self, request: Any) -> Any:
        """Stop a job and forget it; its logs stay."""
        job = self._job(request.name)
        operation = self._operations.begin(names.parent_of_job(job.name), "delete", job.name)
        self._runs.delete(job)
        return operation

    async def get_task(self, request: Any) -> Any:
        """One task."""
        job, index = names.job_and_index(request.name)
        stored = self._store.task(job, index)
        if stored is None:
            raise StatusError(StatusCode.NOT_FOUND, f"there is no task {request.name!r}")
        return stored.task

    async def list_tasks(self, request: Any) -> Any:
        """A job's tasks by index."""
        job = self._job(names.job_of_group(request.parent))
        tasks = listing.filter_tasks([stored.task for stored in self._store.tasks(job.name)], request.filter)
        page, token = listing.page(tasks, request.page_size, request.page_token)
        return batch_v1.ListTasksResponse(tasks=page, next_page_token=token)

    def _name(self, job: Any, parent: names.Parent, wanted: str) -> None:
        job_id = validation.job_id(wanted) if wanted else f"j-{uuid.uuid4()}"
        job.name = f"{parent}/jobs/{job_id}"
        job.uid = f"{job_id[:40].rstrip('-')}-{str(uuid.uuid4())[:18]}"
        job.task_groups[0].name = f"{job.name}/taskGroups/{names.GROUP}"
        if self._store.job(job.name):
            raise StatusError(StatusCode.ALREADY_EXISTS, f"job {job.name} already exists")

    def _job(self, name: str) -> Any:
        names.parent_of_job(name)
        job = self._store.job(name)
        if job is None:
            raise StatusError(StatusCode.NOT_FOUND, f"there is no job {name!r}")
        return job
