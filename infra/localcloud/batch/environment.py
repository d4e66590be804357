"""A job, a task and a runnable in; the variables its process gets out."""

from typing import Any

from localcloud.batch.hosts import Nodes
from localcloud.batch.machine import Machine


def variables(machine: Machine, job: Any, index: int, retries: int, runnable: Any) -> dict[str, str]:
    """The server's variables, then the task's, those of its index, the runnable's, and Batch's own."""
    group = job.task_groups[0]
    nodes = Nodes.of(group)
    indexed = group.task_environments[index].variables if group.task_environments else {}
    batch = {
        "BATCH_JOB_UID": job.uid,
        "BATCH_TASK_INDEX": str(index),
        "BATCH_TASK_COUNT": str(group.task_count),
        "BATCH_TASK_RETRY_ATTEMPT": str(retries),
        "BATCH_NODE_INDEX": str(nodes.index(index)),
        "BATCH_NODE_COUNT": str(nodes.count),
        "BATCH_MAIN_NODE_HOSTNAME": nodes.address(0),
    }
    if group.require_hosts_file:
        batch["BATCH_HOSTS_FILE"] = str(machine.hosts_file(job.uid))
    return {
        **machine.environment,
        **group.task_spec.environments,
        **group.task_spec.environment.variables,
        **indexed,
        **runnable.environment.variables,
        **batch,
    }
