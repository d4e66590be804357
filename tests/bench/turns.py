"""A running stack in; what a turn of the loop costs beside its training out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from google.cloud import batch_v1
from google.cloud.batch_v1.services.batch_service.transports import BatchServiceGrpcTransport
from grpc import insecure_channel

from headrace.cli.drop import upload
from headrace.training import candidates
from headrace.training.jobs import job_id
from headrace.wiring import GoogleCloud
from localcloud.stack.stack import Stack
from tests.bench.delivery import until
from workloads.loan_default import generator

WORKLOAD, TURNS, ROWS = "loan_default", 3, 2000


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: seconds from the uploaded file to the first training process, and all that was not training."""

    to_first_process: float
    beside_training: float


def measure(stack: Stack, platform: GoogleCloud) -> Turn:
    """The medians over several turns, each on data of its own."""
    turns = [_turn(stack, platform, seed) for seed in range(TURNS)]
    return Turn(median(t.to_first_process for t in turns), median(t.beside_training for t in turns))


def _turn(stack: Stack, platform: GoogleCloud, seed: int) -> Turn:
    before = set(_datasets(platform))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{seed}.csv"
        generator.write_csv(path, ROWS, "2024-01", 0.0, seed)
        upload(platform, WORKLOAD, path)
    uploaded = time.time()
    until(lambda: set(_datasets(platform)) - before)
    dataset = (set(_datasets(platform)) - before).pop()
    until(lambda: _settled(platform, dataset))
    ended = time.time()
    jobs = [job_id(WORKLOAD, dataset, each.candidate) for each in candidates.of(platform, WORKLOAD, dataset)]
    running = _running(stack, platform, jobs)
    first, last = min(begin for begin, _ in running), max(end for _, end in running)
    return Turn(first - uploaded, (ended - uploaded) - (last - first))


def _datasets(platform: GoogleCloud) -> Sequence[str]:
    return [stat.name.split("/")[2] for stat in platform.store.list(f"datasets/{WORKLOAD}/")]


def _settled(platform: GoogleCloud, dataset: str) -> bool:
    return all(each.settled for each in candidates.of(platform, WORKLOAD, dataset))


def _running(stack: Stack, platform: GoogleCloud, jobs: Sequence[str]) -> list[tuple[float, float]]:
    """When each job's process began and ended, by Batch's own events."""
    where = platform.settings
    with insecure_channel(stack.plan.address("batch")) as channel:
        client = batch_v1.BatchServiceClient(transport=BatchServiceGrpcTransport(channel=channel))
        spans = []
        until(lambda: all(platform.jobs.get(job).state == "SUCCEEDED" for job in jobs))
        for job in jobs:
            name = f"projects/{where.project}/locations/{where.region}/jobs/{job}"
            *_, began, ended = client.get_job(name=name).status.status_events
            spans.append((began.event_time.timestamp(), ended.event_time.timestamp()))
    return spans
