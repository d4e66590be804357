"""The Batch server killed and stopped at bad moments: every task runs on, and never twice at a time."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from google.cloud import batch_v1

State = batch_v1.JobStatus.State

ALONE = """
mkdir {claim} || {{ echo "two at once" >> {trace}; exit 1; }}
echo start $$ >> {trace}
(setsid sh -c 'while :; do echo $$ > {child}.new; mv {child}.new {child}; sleep 0.02; done' &)
while [ ! -e {go} ]; do sleep 0.02; done
echo done >> {trace}
"""


def _job_that_waits(batch: Any, folder: Path, **parts: Any) -> Any:
    """A job that notes each start, leaves a daemon behind, and ends once `folder/go` is there."""
    folder.mkdir(exist_ok=True)
    names = {name: folder / name for name in ("claim", "trace", "child", "go")}
    return batch.job(ALONE.format(**names), **parts)


def _starts(folder: Path) -> int:
    trace = folder / "trace"
    return trace.read_text().count("start") if trace.exists() else 0


def test_a_killed_server_leaves_no_process_and_the_attempt_starts_again(
    new_batch: Any, eventually: Any, tmp_path: Path
) -> None:
    batch, folder = new_batch(), tmp_path / "work"
    job = batch.create(_job_that_waits(batch, folder))
    eventually(lambda: _starts(folder) == 1 and (folder / "child").exists())
    batch.end(signal.SIGKILL)
    eventually(lambda: not _alive(_pid(folder / "trace")))
    daemon = int((folder / "child").read_text())
    (folder / "claim").rmdir()
    batch.start()
    assert not _alive(daemon)
    eventually(lambda: _starts(folder) == 2)
    (folder / "go").touch()
    job = batch.finish(job)
    assert job.status.state == State.SUCCEEDED
    assert (folder / "trace").read_text().count("two at once") == 0
    descriptions = [event.description for event in batch.task(job).status.status_events]
    assert any("from RUNNING to PENDING" in words and "restart of the server" in words for words in descriptions)


def test_an_interruption_consumes_no_retry(new_batch: Any, eventually: Any, tmp_path: Path) -> None:
    batch = new_batch()
    script = f"echo attempt $BATCH_TASK_RETRY_ATTEMPT; [ -e {tmp_path}/go ] || exec sleep 60; exit 8"
    job = batch.create(batch.job(script, spec={"max_retry_count": 1}))
    eventually(lambda: batch.log(job) == "attempt 0\n")
    batch.end(signal.SIGKILL)
    (tmp_path / "go").touch()
    batch.start()
    job = batch.finish(job)
    assert job.status.state == State.FAILED
    assert (batch.log(job, attempt=0), batch.log(job, attempt=1)) == ("attempt 0\nattempt 0\n", "attempt 1\n")


def test_tasks_that_succeeded_before_a_crash_do_not_run_again(new_batch: Any, eventually: Any, tmp_path: Path) -> None:
    batch = new_batch("--cpus", "4")
    script = f"echo ran; [ $BATCH_TASK_INDEX = 0 ] || [ -e {tmp_path}/go ] || exec sleep 60"
    job = batch.create(batch.job(script, group={"task_count": 3}))
    eventually(lambda: batch.get(job).status.task_groups["group0"].counts.get("SUCCEEDED") == 1)
    eventually(lambda: all(batch.log(job, task) for task in range(3)))
    batch.end(signal.SIGKILL)
    (tmp_path / "go").touch()
    batch.start()
    assert batch.finish(job).status.state == State.SUCCEEDED
    assert [batch.log(job, task).count("ran") for task in range(3)] == [1, 2, 2]


def test_a_stopped_server_stops_its_tasks_and_goes_on_when_it_is_back(
    new_batch: Any, eventually: Any, tmp_path: Path
) -> None:
    batch, folder = new_batch(), tmp_path / "work"
    job = batch.create(_job_that_waits(batch, folder))
    eventually(lambda: _starts(folder) == 1)
    batch.end(signal.SIGTERM)
    assert not _alive(_pid(folder / "trace"))
    (folder / "claim").rmdir()
    (folder / "go").touch()
    batch.start()
    assert batch.finish(job).status.state == State.SUCCEEDED
    assert _starts(folder) == 2


def test_a_cancellation_that_a_crash_interrupted_is_finished(new_batch: Any, eventually: Any) -> None:
    batch = new_batch()
    job = batch.create(batch.job("trap '' TERM; echo on; while :; do sleep 0.1; done"))
    eventually(lambda: "on" in batch.log(job))
    operation = batch.client.cancel_job(name=job.name)
    eventually(lambda: batch.get(job).status.state == State.CANCELLATION_IN_PROGRESS)
    batch.end(signal.SIGKILL)
    batch.start()
    assert batch.finish(job).status.state == State.CANCELLED
    stub = batch.client.get_operation(request={"name": operation.operation.name})
    assert stub.done


def test_two_servers_cannot_share_a_state_folder(new_batch: Any, tmp_path: Path) -> None:
    batch = new_batch()
    command = [sys.executable, "-m", "localcloud", "batch", "--port", "0", "--state", str(batch.state)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode != 0
    assert f"{batch.state} belongs to a running server" in second.stderr


def _pid(trace: Path) -> int:
    return int(trace.read_text().split()[-1])


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
