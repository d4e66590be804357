"""Days in the life of the cloud, each as its metrics: such as people are told of, and such as they are not."""

from collections.abc import Mapping

REVISION = "monitored_resource='cloud_run_revision'"
LOANS = f"{REVISION},service_name='inference-loan-default'"
REQUESTS, TOOK = "run_googleapis_com:request_count", "run_googleapis_com:request_latencies_bucket"
COUNTED, PUBSUB = "logging_googleapis_com:user_headrace", "pubsub_googleapis_com:subscription"
FAILED = "headrace.training.v1.failed"

Series = Mapping[str, str]
"""A series' values, a minute apart, in promtool's notation."""


def answers(good: int, bad: int, minutes: int = 400) -> Series:
    """So many requests a minute answered, and so many with an error."""
    return {
        f"{REQUESTS}{{{LOANS},response_code_class='2xx'}}": f"0+{good}x{minutes}",
        f"{REQUESTS}{{{LOANS},response_code_class='5xx'}}": f"0+{bad}x{minutes}",
    }


def durations(quick: int, slow: int) -> Series:
    """So many requests a minute that take 500 ms at most, and so many that take from 1 to 4 s."""
    return {
        f"{TOOK}{{{LOANS},le='500'}}": f"0+{quick}x400",
        f"{TOOK}{{{LOANS},le='1000'}}": f"0+{quick}x400",
        f"{TOOK}{{{LOANS},le='4000'}}": f"0+{quick + slow}x400",
        f"{TOOK}{{{LOANS},le='+Inf'}}": f"0+{quick + slow}x400",
        **answers(quick + slow, 0),
    }


def ended_burst() -> Series:
    """Every other request fails for ten minutes, and then none for the rest of two hours."""
    return {
        f"{REQUESTS}{{{LOANS},response_code_class='2xx'}}": "0+30x10 360+60x110",
        f"{REQUESTS}{{{LOANS},response_code_class='5xx'}}": "0+30x10 300x110",
    }


def one(metric: str, labels: str, values: str = "0x20 1x40") -> Series:
    return {f"{metric}{{{labels}}}": values}


LOAN_SERVICE = {"service_name": "inference-loan-default"}
TOLD: Mapping[str, tuple[str, Series, str, dict[str, str]]] = {
    "a fifth of the requests fail": ("errors", answers(80, 20), "10m", LOAN_SERVICE),
    "a twelfth of the requests fail for hours": ("errors", answers(110, 10), "5h", LOAN_SERVICE),
    "most requests are slow": ("latency", durations(20, 80), "10m", LOAN_SERVICE),
    "every third request is slow for hours": ("latency", durations(65, 35), "5h", LOAN_SERVICE),
    "there is a dead letter": (
        "dead_letters",
        one(f"{PUBSUB}_num_undelivered_messages", "subscription_id='dead-letters'"),
        "25m",
        {"subscription_id": "dead-letters"},
    ),
    "a subscription gives up": (
        "dead_lettering",
        one(f"{PUBSUB}_dead_letter_message_count", "subscription_id='trainer-dataset-ready'"),
        "25m",
        {"subscription_id": "trainer-dataset-ready"},
    ),
    "a message waits for twenty minutes": (
        "unacknowledged",
        one(f"{PUBSUB}_oldest_unacked_message_age", "subscription_id='trainer-dataset-ready'", "0+60x20"),
        "20m",
        {"subscription_id": "trainer-dataset-ready"},
    ),
    "a webhook is refused": (
        "webhooks",
        one(f"{COUNTED}_webhooks_refused", f"{REVISION},service_name='registry-hook'"),
        "25m",
        {"service_name": "registry-hook"},
    ),
    "a webhook cannot be delivered": (
        "webhooks",
        one(f"{COUNTED}_webhooks_undelivered", f"{REVISION},service_name='mlflow'"),
        "25m",
        {"service_name": "mlflow"},
    ),
    "the registry hook fails again and again": (
        "webhooks",
        one(REQUESTS, f"{REVISION},service_name='registry-hook',response_code_class='5xx'", "0x20 1+1x20"),
        "35m",
        {"service_name": "registry-hook"},
    ),
    "a message can never succeed": (
        "rejections",
        one(f"{COUNTED}_rejections", f"{REVISION},component='trainer'"),
        "25m",
        {"component": "trainer"},
    ),
    "a training fails": (
        "trainings_failed",
        one(f"{COUNTED}_facts", f"{REVISION},fact='{FAILED}',workload='loan_default'"),
        "25m",
        {"workload": "loan_default"},
    ),
    "a model does not load": (
        "unserved",
        one(f"{COUNTED}_facts", f"{REVISION},fact='headrace.model.v1.unserved',workload='loan_default'"),
        "25m",
        {"workload": "loan_default"},
    ),
    "predictions drift": (
        "drift",
        one(
            f"{COUNTED}_facts",
            "monitored_resource='cloud_run_job',fact='headrace.drift.v1.detected',workload='loan_default'",
        ),
        "25m",
        {"workload": "loan_default"},
    ),
    "a scheduled job fails": (
        "jobs_failed",
        one(
            "run_googleapis_com:job_completed_execution_count",
            "monitored_resource='cloud_run_job',job_name='drift',result='failed'",
        ),
        "25m",
        {"job_name": "drift"},
    ),
    "a training takes too long": (
        "jobs_overdue",
        one(f"{COUNTED}_jobs_overdue", f"{REVISION},training='job-1',workload='loan_default'"),
        "25m",
        {"training": "job-1", "workload": "loan_default"},
    ),
}
UNTOLD: Mapping[str, tuple[str, Series, str]] = {
    "one request in two hundred fails": ("errors", answers(199, 1), "5h"),
    "half of a few requests fail": ("errors", one(REQUESTS, f"{LOANS},response_code_class='5xx'", "0x20 1x40"), "25m"),
    "a burst of errors ended long ago": ("errors", ended_burst(), "55m"),
    "one request in ten is slow": ("latency", durations(90, 10), "5h"),
    "the audit trail lags": (
        "unacknowledged",
        one(f"{PUBSUB}_oldest_unacked_message_age", "subscription_id='audit-predictions'", "0+60x20"),
        "20m",
    ),
    "the registry hook failed twice": (
        "webhooks",
        one(REQUESTS, f"{REVISION},service_name='registry-hook',response_code_class='5xx'", "0x20 1 2x20"),
        "25m",
    ),
    "a training failed yesterday": (
        "trainings_failed",
        one(f"{COUNTED}_facts", f"{REVISION},fact='{FAILED}',workload='loan_default'", "7x60"),
        "50m",
    ),
    "a model was promoted": (
        "trainings_failed",
        one(f"{COUNTED}_facts", f"{REVISION},fact='headrace.model.v1.promoted',workload='loan_default'"),
        "25m",
    ),
}
