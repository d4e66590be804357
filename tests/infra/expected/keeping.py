"""What keeps, carries and guards data in; how long, where to and from whom, on one line, out."""

from tests.infra.estate import Values
from tests.infra.expected.words import joined, labelled, last, only, plain


def topic(values: Values) -> str:
    """A Pub/Sub topic."""
    return joined(values["name"], labelled("kept for", values["message_retention_duration"]))


def subscription(values: Values) -> str:
    """A Pub/Sub subscription: where its messages go, and what happens to those that fail."""
    push, export = only(values["push_config"]), only(values["cloud_storage_config"])
    retry, dead = only(values["retry_policy"]), only(values["dead_letter_policy"])
    return joined(
        f"{last(values['topic'])} -> {values['name']}",
        labelled("pushed to", push.get("push_endpoint")),
        labelled("as", last(only(push.get("oidc_token")).get("service_account_email"))),
        f"written to gs://{export['bucket']}/{export['filename_prefix']}" if export else "",
        f"{values['ack_deadline_seconds']} s to acknowledge",
        f"again after {retry['minimum_backoff']} to {retry['maximum_backoff']}" if retry else "",
        f"{dead['max_delivery_attempts']} times, then {last(dead['dead_letter_topic'])}" if dead else "",
        "in order" if values["enable_message_ordering"] else "",
        labelled("where", values["filter"]),
    )


def bucket(values: Values) -> str:
    """A bucket."""
    soft = only(values["soft_delete_policy"])
    return joined(
        values["name"],
        "versioned" if only(values["versioning"]).get("enabled") else "",
        f"deleted objects kept {soft['retention_duration_seconds']} s" if soft else "",
        *map(_rule, values["lifecycle_rule"]),
        "" if values["public_access_prevention"] == "enforced" else "MAY BE PUBLIC",
        "" if values["uniform_bucket_level_access"] else "ACCESS BY OBJECT",
        "destroyed with what it holds" if values["force_destroy"] else "",
    )


def _rule(rule: Values) -> str:
    action, condition = only(rule["action"]), only(rule["condition"])
    when = ", ".join(f"{name} {plain(value)}" for name, value in sorted(condition.items()) if value)
    return f"{action.get('storage_class') or action['type']} when {when}"


def database(values: Values) -> str:
    """A Cloud SQL instance."""
    settings = only(values["settings"])
    public = only(settings["ip_configuration"])["ipv4_enabled"]
    return joined(
        values["name"],
        values["database_version"],
        settings["tier"],
        f"{settings['disk_size']} GB",
        settings["availability_type"],
        "PUBLIC ADDRESS" if public else "private address",
        "protected" if values["deletion_protection"] else "",
    )


def repository(values: Values) -> str:
    """A repository of images, and what is cleaned up in it."""
    return joined(values["repository_id"], *sorted(map(_clean_up, values["cleanup_policies"])))


def _clean_up(policy: Values) -> str:
    newest, condition = only(policy["most_recent_versions"]), only(policy["condition"])
    said = {**newest, **condition}
    return f"{policy['action']} {', '.join(f'{name} {plain(value)}' for name, value in sorted(said.items()) if value)}"


def role(values: Values) -> str:
    """A role of our own."""
    return joined(values["role_id"], f"may {plain(sorted(values['permissions']))}")


def firewall(values: Values) -> str:
    """Who may reach whom in a network."""
    ports = ", ".join(f"{each['protocol']} {plain(each['ports'])}" for each in values["allow"])
    sources = map(last, values["source_service_accounts"] or values["source_ranges"] or ())
    targets = map(last, values["target_service_accounts"] or ())
    return joined(values["name"], ports, labelled("from", ", ".join(sources)), labelled("to", ", ".join(targets)))


def identities(values: Values) -> str:
    """Whose tokens are believed, and what follows from what they say."""
    mapping = ", ".join(f"{name} = {plain(value)}" for name, value in sorted(values["attribute_mapping"].items()))
    name = values["workload_identity_pool_provider_id"]
    return joined(name, only(values["oidc"])["issuer_uri"], f"if {values['attribute_condition']}", mapping)


def trigger(values: Values) -> str:
    """What starts Cloud Build."""
    event = only(values["repository_event_config"])
    pushed = only(event["push"])
    return joined(
        values["name"],
        f"{values['filename']} on a push to {pushed['branch']} of {last(event['repository'])}",
        f"as {last(values['service_account'])}",
    )
