"""Spot VMs taken away on demand, as Compute Engine takes them away on its own."""

import subprocess
import sys
import time
from typing import Any

import grpc
import pytest
from google.cloud import batch_v1

from localcloud.batch.preemption import preempt

State = batch_v1.JobStatus.State
SPOT = {"instances": [{"policy": {"provisioning_model": "SPOT"}}]}
POLITE = "trap 'echo saved; exit 0' TERM; echo on; while [ $BATCH_TASK_RETRY_ATTEMPT = 0 ]; do sleep 0.02; done"


def _spot(job: Any) -> Any:
    job.allocation_policy = SPOT
    return job


def test_a_preempted_task_ends_with_50001_after_it_could_save(batch: Any, eventually: Any) -> None:
    job = batch.create(_spot(batch.job(POLITE)))
    eventually(lambda: "on" in batch.log(job))
    preempt(batch.address, job.name)
    job = batch.finish(job)
    event = batch.task(job).status.status_events[-1]
    assert "saved" in batch.log(job)
    assert "due to Spot VM preemption with exit code 50001." in event.description
    assert event.task_execution.exit_code == 50001


def test_a_preempted_task_is_retried_when_the_policy_says_so(batch: Any, eventually: Any) -> None:
    policy = {"action": "RETRY_TASK", "action_condition": {"exit_codes": [50001]}}
    spec = {"max_retry_count": 1, "lifecycle_policies": [policy]}
    job = batch.create(_spot(batch.job(POLITE, spec=spec, group={"task_count": 2})))
    eventually(lambda: "on" in batch.log(job, 0) and "on" in batch.log(job, 1))
    preempt(batch.address, job.name, task=1)
    eventually(lambda: batch.log(job, 1, attempt=1) == "on\n")
    assert "saved" not in batch.log(job, 0)
    command = [sys.executable, "-m", "localcloud.batch.preemption", "--port", str(batch.port), "--task", "0", job.name]
    subprocess.run(command, check=True, timeout=20)
    assert batch.finish(job).status.state == State.SUCCEEDED


def test_a_task_that_ignores_sigterm_is_killed_after_the_grace(new_batch: Any, eventually: Any) -> None:
    batch = new_batch("--preemption-grace", "0.3")
    job = batch.create(_spot(batch.job("trap '' TERM; echo on; while :; do sleep 0.05; done")))
    eventually(lambda: "on" in batch.log(job))
    began = time.monotonic()
    preempt(batch.address, job.name)
    assert batch.finish(job).status.state == State.FAILED
    assert 0.3 <= time.monotonic() - began < 3


def test_only_spot_jobs_that_run_are_preempted(batch: Any, eventually: Any) -> None:
    standard = batch.create(batch.job("exec sleep 60"))
    with pytest.raises(grpc.RpcError, match="has no Spot VMs"):
        preempt(batch.address, standard.name)
    batch.client.delete_job(name=standard.name).result(timeout=10)
    done = batch.finish(batch.create(_spot(batch.job("true"))))
    with pytest.raises(grpc.RpcError, match="nothing is running"):
        preempt(batch.address, done.name)
