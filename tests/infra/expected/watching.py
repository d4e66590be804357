"""What watches in; what it looks at and when it speaks, on one line, out."""

from tests.infra.estate import Values
from tests.infra.expected.words import joined, labelled, last, only, plain


def alert(values: Values) -> str:
    """An alert policy."""
    return joined(values["display_name"], values["severity"], *map(_condition, values["conditions"]))


def _condition(condition: Values) -> str:
    query, threshold = only(condition["condition_prometheus_query_language"]), only(condition["condition_threshold"])
    if query:
        return f"when {plain(query['query'])}"
    return f"when {plain(threshold['filter'])} {threshold['comparison']} {threshold['threshold_value']}"


def metric(values: Values) -> str:
    """A metric counted from logs."""
    labels = ", ".join(sorted(values["label_extractors"] or ()))
    return joined(values["name"], f"counts {plain(values['filter'])}", labelled("by", labels))


def objective(values: Values) -> str:
    """What a service promises."""
    period = f"in {values['rolling_period_days']} days"
    return joined(f"{last(values['service'])}: {values['display_name']}", f"{values['goal']:.2%} {period}")


def uptime(values: Values) -> str:
    """A check from outside."""
    check, where = only(values["http_check"]), only(values["monitored_resource"])["labels"]["host"]
    return joined(values["display_name"], f"https://{where}{check['path']}", f"every {values['period']}")


def channel(values: Values) -> str:
    """Who is told."""
    return joined(values["display_name"], values["type"])


def budget(values: Values) -> str:
    """What a month may cost."""
    amount, told = only(only(values["amount"])["specified_amount"]), only(values["all_updates_rule"])
    rules = (f"{each['threshold_percent']:.0%} {each['spend_basis'] or 'SPEND'}" for each in values["threshold_rules"])
    return joined(
        values["display_name"],
        f"{amount['units']} {amount['currency_code']}",
        ", ".join(rules),
        labelled("told on", last(told.get("pubsub_topic"))),
    )
