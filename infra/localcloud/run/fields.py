"""Every field of a Cloud Run job, and what becomes of it on this machine."""

from localcloud.fieldtable import FieldTable

_TASK = "template.template"
_CONTAINER = f"{_TASK}.containers"
_NO_FILES = "a container is a plain local process here; nothing is mounted"
_NO_PROBES = "no probe is run against a task"

_HONOURED = frozenset(
    {
        "template.parallelism",
        "template.task_count",
        f"{_CONTAINER}.image",
        f"{_CONTAINER}.command",
        f"{_CONTAINER}.args",
        f"{_CONTAINER}.env.name",
        f"{_CONTAINER}.env.value",
        f"{_TASK}.max_retries",
        f"{_TASK}.timeout",
    }
)

_STORED = frozenset(
    {
        "labels",
        "annotations",
        "client",
        "client_version",
        "launch_stage",
        "binary_authorization",
        "template.labels",
        "template.annotations",
        f"{_CONTAINER}.name",
        f"{_CONTAINER}.resources",
        f"{_CONTAINER}.ports",
        f"{_CONTAINER}.build_info",
        f"{_TASK}.service_account",
        f"{_TASK}.execution_environment",
        f"{_TASK}.encryption_key",
        f"{_TASK}.vpc_access",
        f"{_TASK}.node_selector",
        f"{_TASK}.gpu_zonal_redundancy_disabled",
    }
)

_OUTPUT_ONLY = frozenset(
    {
        "name",
        "uid",
        "generation",
        "create_time",
        "update_time",
        "delete_time",
        "expire_time",
        "creator",
        "last_modifier",
        "observed_generation",
        "terminal_condition",
        "conditions",
        "execution_count",
        "latest_created_execution",
        "reconciling",
        "satisfies_pzs",
        "etag",  # compared where a request changes the job
    }
)

_REFUSED = {
    "start_execution_token": "create the job, then run it",
    "run_execution_token": "create the job, then run it",
    f"{_CONTAINER}.env.value_source": "there is no Secret Manager here; give the value",
    f"{_CONTAINER}.source_code": "nothing is built here; give an image that --image knows",
    f"{_CONTAINER}.base_image_uri": "nothing is built here; give an image that --image knows",
    f"{_CONTAINER}.working_dir": _NO_FILES,
    f"{_CONTAINER}.volume_mounts": _NO_FILES,
    f"{_CONTAINER}.liveness_probe": _NO_PROBES,
    f"{_CONTAINER}.startup_probe": _NO_PROBES,
    f"{_CONTAINER}.readiness_probe": _NO_PROBES,
    f"{_CONTAINER}.depends_on": "a task has one container here",
    f"{_TASK}.volumes": _NO_FILES,
}

JOB = FieldTable(_HONOURED, _STORED, _OUTPUT_ONLY, _REFUSED)
