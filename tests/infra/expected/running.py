"""What runs in; its size, its bounds, whom it runs as and what starts it, on one line, out."""

from tests.infra.estate import Values
from tests.infra.expected.words import joined, labelled, last, only


def service(values: Values) -> str:
    """A Cloud Run service."""
    template = only(values["template"])
    container, scaling = template["containers"][0], only(template["scaling"])
    return joined(
        values["name"],
        _sized(container),
        _accelerator(template),
        _instances(scaling),
        _at_once(template),
        labelled("within", template["timeout"]),
        f"as {last(template['service_account'])}",
        labelled("from", last(container["image"])),
        labelled("mounts", ", ".join(only(each["gcs"])["bucket"] for each in template["volumes"] if each["gcs"])),
        _knows(container),
        _network(template),
        "each caller on one instance" if template["session_affinity"] else "",
        "behind IAP" if values["iap_enabled"] else "",
        "" if values["ingress"] == "INGRESS_TRAFFIC_ALL" else labelled("ingress", values["ingress"]),
    )


def job(values: Values) -> str:
    """A Cloud Run job."""
    template = only(only(values["template"])["template"])
    container = template["containers"][0]
    return joined(
        values["name"],
        _sized(container),
        labelled("within", template["timeout"]),
        f"{template['max_retries']} retries",
        f"as {last(template['service_account'])}",
        labelled("from", last(container["image"])),
        _knows(container),
        _network(template),
    )


def function(values: Values) -> str:
    """A Cloud Function."""
    settings, trigger = only(values["service_config"]), only(values["event_trigger"])
    filters = ", ".join(f"{each['attribute']} {each['value']}" for each in trigger.get("event_filters", ()))
    return joined(
        values["name"],
        f"{settings['available_cpu']} CPU, {settings['available_memory']}",
        _instances(settings),
        _at_once(settings),
        f"within {settings['timeout_seconds']}s",
        f"as {last(settings['service_account_email'])}",
        f"on {trigger['event_type']} of {filters}" if trigger else "",
        labelled("knows", ", ".join(sorted(each["secret"] for each in settings["secret_environment_variables"]))),
        "" if settings["ingress_settings"] == "ALLOW_ALL" else labelled("ingress", settings["ingress_settings"]),
    )


def schedule(values: Values) -> str:
    """A line of Cloud Scheduler."""
    target = only(values["http_target"])
    token = only(target["oidc_token"]) or only(target["oauth_token"])
    return joined(
        values["name"],
        f"{values['schedule']} ({values['time_zone']})",
        f"{target['http_method']} {target['uri']}",
        f"as {last(token['service_account_email'])}",
    )


def _instances(values: Values) -> str:
    return f"{values['min_instance_count'] or 0} to {values['max_instance_count']} instances"


def _at_once(values: Values) -> str:
    bound = values["max_instance_request_concurrency"]
    return f"{bound} requests at once" if bound else ""


def _sized(container: Values) -> str:
    resources = only(container["resources"])
    limits, idle = resources["limits"], resources.get("cpu_idle")
    return f"{limits['cpu']} CPU, {limits['memory']}{'' if idle is None or idle else ', CPU between requests too'}"


def _accelerator(template: Values) -> str:
    node = only(template["node_selector"])
    zonal = "without" if template["gpu_zonal_redundancy_disabled"] else "with"
    return f"{node['accelerator']} {zonal} zonal redundancy" if node else ""


def _network(template: Values) -> str:
    access = only(template["vpc_access"])
    networks = ", ".join(last(each["network"] or each["subnetwork"]) for each in access.get("network_interfaces", ()))
    return labelled("in network", networks)


def _knows(container: Values) -> str:
    taken = (only(only(each["value_source"]).get("secret_key_ref")).get("secret") for each in container["env"])
    return labelled("knows", ", ".join(sorted(filter(None, taken))))
