"""Cloud Run jobs over REST on this machine: each task a local process.

A `google.cloud.run_v2` client (or a Scheduler's plain POST) and its jobs in; executions, tasks and logs out. What each
field of a job does here is one table, in `fields`. Where this differs from the service:

- The processes see this machine's files; CPU and memory limits are stored, not enforced.
- A task that fails for good fails the execution when all tasks have ended: it stops no other.
- The operation of a run ends with the Execution, failed or not: read its conditions and counts.
- A server that is stopped or killed is no failed task: what it was running starts again when it does, as the same
  attempt, and never while a process of the interrupted one is alive.
"""
