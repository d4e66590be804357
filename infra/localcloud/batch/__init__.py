"""Batch over gRPC on this machine: each task a local process.

A `google.cloud.batch_v1` client and its jobs in; states, logs and Pub/Sub notifications out. What each field of a job
does here is one table, in `fields`. What differs from the service:

- A *node* is `task_count_per_node` consecutive tasks on one loopback address (all tasks when the job gives no number).
- The processes see this machine's files and GPUs; memory, disk and machine type are stored, not enforced. Of the
  server's environment they see PATH, HOME and the like, as if an image had set them.
- The first task that fails for good fails the job: running peers are stopped (50000), the others stay UNEXECUTED.
- A server that is stopped or killed is no failed VM: what it was running starts again when it does, as the same
  attempt, and never while a process of the interrupted one is alive.
"""
