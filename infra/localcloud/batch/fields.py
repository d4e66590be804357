"""Every field of a Batch job, and what becomes of it on this machine."""

from localcloud.fieldtable import FieldTable

_GROUP = "task_groups"
_TASK = f"{_GROUP}.task_spec"
_RUNNABLE = f"{_TASK}.runnables"
_INSTANCE = "allocation_policy.instances"
_SECRETS = "there is no Secret Manager and no KMS here; give the value in environment.variables"
_CONTAINER_ISOLATION = "a container is a plain local process here"

_HONOURED = frozenset(
    {
        "priority",
        "labels",
        "notifications",
        "logs_policy.destination",
        f"{_GROUP}.task_count",
        f"{_GROUP}.parallelism",
        f"{_GROUP}.scheduling_policy",
        f"{_GROUP}.task_environments.variables",
        f"{_GROUP}.task_count_per_node",
        f"{_GROUP}.require_hosts_file",
        f"{_RUNNABLE}.container.image_uri",
        f"{_RUNNABLE}.container.commands",
        f"{_RUNNABLE}.container.entrypoint",
        f"{_RUNNABLE}.container.volumes",  # only those that mount a path on itself
        f"{_RUNNABLE}.container.options",  # only those that share this machine: --network host, --ipc host
        f"{_RUNNABLE}.script.text",
        f"{_RUNNABLE}.barrier",
        f"{_RUNNABLE}.ignore_exit_status",
        f"{_RUNNABLE}.background",
        f"{_RUNNABLE}.always_run",
        f"{_RUNNABLE}.environment.variables",
        f"{_RUNNABLE}.timeout",
        f"{_TASK}.compute_resource.cpu_milli",
        f"{_TASK}.max_run_duration",
        f"{_TASK}.max_retry_count",
        f"{_TASK}.lifecycle_policies",
        f"{_TASK}.environments",
        f"{_TASK}.environment.variables",
        f"{_INSTANCE}.policy.provisioning_model",  # decides whether the job can be preempted
        "allocation_policy.location",  # only the job's own region
    }
)

_STORED = frozenset(
    {
        "logs_policy.cloud_logging_option",
        f"{_GROUP}.run_as_non_root",
        f"{_RUNNABLE}.display_name",
        f"{_RUNNABLE}.labels",
        f"{_RUNNABLE}.container.enable_image_streaming",
        f"{_TASK}.compute_resource.memory_mib",
        f"{_TASK}.compute_resource.boot_disk_mib",
        f"{_INSTANCE}.policy.machine_type",
        f"{_INSTANCE}.policy.min_cpu_platform",
        f"{_INSTANCE}.policy.accelerators",  # the job's status says so: tasks see the GPUs that are here
        f"{_INSTANCE}.policy.boot_disk",
        f"{_INSTANCE}.policy.reservation",
        f"{_INSTANCE}.install_gpu_drivers",
        f"{_INSTANCE}.install_ops_agent",
        f"{_INSTANCE}.block_project_ssh_keys",
        "allocation_policy.service_account",
        "allocation_policy.labels",
        "allocation_policy.network",
        "allocation_policy.placement",
        "allocation_policy.tags",
    }
)

_OUTPUT_ONLY = frozenset({"name", "uid", "status", "create_time", "update_time", f"{_GROUP}.name"})

_REFUSED = {
    "logs_policy.logs_path": "logs go to the server's state folder; use CLOUD_LOGGING",
    f"{_GROUP}.task_environments.secret_variables": _SECRETS,
    f"{_GROUP}.task_environments.encrypted_variables": _SECRETS,
    f"{_GROUP}.permissive_ssh": "there is no SSH between loopback nodes",
    f"{_RUNNABLE}.script.path": "there is no VM image to hold the file; give script.text",
    f"{_RUNNABLE}.container.block_external_network": _CONTAINER_ISOLATION,
    f"{_RUNNABLE}.container.username": "nothing is pulled from a registry; use --image",
    f"{_RUNNABLE}.container.password": "nothing is pulled from a registry; use --image",
    f"{_RUNNABLE}.environment.secret_variables": _SECRETS,
    f"{_RUNNABLE}.environment.encrypted_variables": _SECRETS,
    f"{_TASK}.environment.secret_variables": _SECRETS,
    f"{_TASK}.environment.encrypted_variables": _SECRETS,
    f"{_TASK}.volumes": "nothing is mounted here; read the bucket with a client",
    f"{_INSTANCE}.instance_template": "there are no Compute Engine templates here",
    f"{_INSTANCE}.policy.disks": "no disk is attached here",
}

JOB = FieldTable(_HONOURED, _STORED, _OUTPUT_ONLY, _REFUSED)
