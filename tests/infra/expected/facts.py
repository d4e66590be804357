"""A resource in; the few facts of it that a reviewer wants to see, on one line, out."""

from collections.abc import Callable, Mapping

from tests.infra.estate import Resource, Values
from tests.infra.expected import keeping, running, watching
from tests.infra.grants import granted

_DESCRIBED: Mapping[str, Callable[[Values], str]] = {
    "google_artifact_registry_repository": keeping.repository,
    "google_billing_budget": watching.budget,
    "google_cloud_run_v2_job": running.job,
    "google_cloud_run_v2_service": running.service,
    "google_cloud_scheduler_job": running.schedule,
    "google_cloudbuild_trigger": keeping.trigger,
    "google_cloudfunctions2_function": running.function,
    "google_compute_firewall": keeping.firewall,
    "google_iam_workload_identity_pool_provider": keeping.identities,
    "google_logging_metric": watching.metric,
    "google_monitoring_alert_policy": watching.alert,
    "google_monitoring_notification_channel": watching.channel,
    "google_monitoring_slo": watching.objective,
    "google_monitoring_uptime_check_config": watching.uptime,
    "google_project_iam_custom_role": keeping.role,
    "google_pubsub_subscription": keeping.subscription,
    "google_pubsub_topic": keeping.topic,
    "google_sql_database_instance": keeping.database,
    "google_storage_bucket": keeping.bucket,
}


def facts(resource: Resource) -> str:
    """One line for `resource`; its address alone where there is nothing more to say."""
    if resource.type.endswith("_iam_member"):
        grant = granted(resource)
        return f"{grant.member}: {grant.role} on {grant.kind} {grant.on}"
    describe = _DESCRIBED.get(resource.type)
    return describe(resource.values) if describe else resource.address
