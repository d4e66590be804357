"""A plan in; when MLflow and each inference service are awake out.

MLflow has its processor always, so Cloud Run bills it for as long as its instance lives. An inference service asks it
for its champion every few seconds, but only while it is asked itself.
"""

from collections.abc import Iterator

from headrace.catalogue import Description
from headrace.costs import timeline
from headrace.costs.plan import Plan
from headrace.costs.timeline import DAY, MINUTES, Span

FIRST_SITTING = 8 * 60
WAKING_DAY = 12 * 60
ALWAYS: list[Span] = [(0, MINUTES)]


def inference(plan: Plan, workload: Description) -> list[Span]:
    """When the workload's service has an instance."""
    if workload.serving.instance.least or is_watched(plan, workload):
        return ALWAYS
    return timeline.awake(_asked(plan, workload), plan.usage.linger_minutes)


def service(plan: Plan, workload: Description) -> str:
    """The name that Cloud Run knows the workload's service under."""
    name = next((name for name, each in plan.topology.deployables.items() if each.per_workload), "")
    return f"{name}-{workload.name}".replace("_", "-")


def is_watched(plan: Plan, workload: Description) -> bool:
    """Whether an uptime check asks the service about once a minute, which lets it sleep no more than `least` does."""
    return service(plan, workload) in plan.environment.watched


def mlflow(plan: Plan) -> list[Span]:
    """When MLflow has one."""
    if "mlflow" in plan.environment.watched:
        return ALWAYS
    calls = [*_schedules(plan), *sittings(plan), *looks(plan)]
    for workload in plan.workloads:
        calls += [(start, end + plan.usage.judging_seconds / 60) for start, end in retrainings(plan, workload)]
        if any(each.per_workload for each in plan.topology.deployables.values()):
            calls += _asked(plan, workload)
    return timeline.awake(calls, plan.usage.linger_minutes)


def sittings(plan: Plan) -> list[Span]:
    """When somebody asks for predictions."""
    usage = plan.usage
    if usage.sittings and usage.sitting_minutes * usage.sittings >= DAY:
        return ALWAYS
    starts = [FIRST_SITTING + each * WAKING_DAY / usage.sittings for each in range(usage.sittings)]
    return [
        (day + start, day + start + usage.sitting_minutes)
        for day in range(0, MINUTES, DAY)
        for start in starts
        if day + start < MINUTES
    ]


def looks(plan: Plan) -> list[Span]:
    """When somebody has the studio open, which asks MLflow all the time: once a day, from eight o'clock on."""
    asked, lasting = plan.topology.deployables.values(), plan.usage.looking_minutes
    if not lasting or not any(each.entry == "process" and "inference" in each.uses for each in asked):
        return []
    return [(day + FIRST_SITTING, day + FIRST_SITTING + lasting) for day in range(0, MINUTES - DAY + 1, DAY)]


def retrainings(plan: Plan, workload: Description) -> list[Span]:
    """From the first machine's start to the last training's end, at other times for every workload."""
    lasting = [minutes(plan, each.max_minutes) for each in plan.trainings(workload)]
    if not lasting or not plan.usage.retrainings:
        return []
    number, gap = plan.workloads.index(workload), MINUTES / (plan.usage.retrainings * len(plan.workloads))
    starts = [(each * len(plan.workloads) + number + 0.5) * gap for each in range(plan.usage.retrainings)]
    return [(start, start + max(lasting)) for start in starts]


def minutes(plan: Plan, most: float) -> float:
    """What a training is billed for that may take `most` minutes."""
    return most * plan.usage.training_share + plan.usage.machine_minutes


def _asked(plan: Plan, workload: Description) -> list[Span]:
    return [*sittings(plan), *_verdicts(plan, workload)]


def _verdicts(plan: Plan, workload: Description) -> list[Span]:
    """The service hears of them, and asks for its champion at once."""
    judged = [end + plan.usage.judging_seconds / 60 for _, end in retrainings(plan, workload)]
    return [(minute, minute) for minute in judged]


def _schedules(plan: Plan) -> Iterator[Span]:
    for name, each in plan.topology.deployables.items():
        cron = plan.schedule(name)
        if cron and "mlflow" in each.uses:
            seconds = plan.usage.check_seconds if each.entry == "job" else plan.usage.call_seconds
            yield from ((minute, minute + seconds / 60) for minute in timeline.runs(cron))
