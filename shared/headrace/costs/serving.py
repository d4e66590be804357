"""A plan in; what the inference services are asked, how long that keeps them busy, and what it costs, out."""

from headrace.catalogue import Description
from headrace.costs import timeline, waking
from headrace.costs.billing import Line, Manner, machine
from headrace.costs.plan import Plan

CHECKS = timeline.MINUTES
"""A month of an uptime check: from five places, every five minutes."""


def line(plan: Plan, name: str) -> Line:
    """The services of all workloads together."""
    cpu, memory, gpus, hours = 0.0, 0.0, 0.0, 0.0
    for workload in plan.workloads:
        instance, billed = workload.serving.instance, seconds(plan, workload)
        manner: Manner = "instance" if instance.always_on else "request"
        costs = machine(plan.prices, manner, instance.cpus, instance.memory_mib, billed)
        cpu, memory, hours = cpu + costs[0], memory + costs[1], hours + billed / 3600
        gpus += billed * plan.prices.of_gpu(instance.gpu, prefix="run_") if instance.gpu else 0
    why = f"{len(plan.workloads)} services, busy {hours:.0f} h together"
    return Line(name.replace("_", " "), cpu + memory + gpus, why, cpu, memory)


def seconds(plan: Plan, workload: Description) -> float:
    """What Cloud Run bills the workload's service for."""
    awake, usage, instance = waking.inference(plan, workload), plan.usage, workload.serving.instance
    if instance.always_on:
        return max(1, instance.least) * timeline.hours(awake) * 3600
    busy = len(awake) * usage.wake_seconds + _pushes(plan, workload) * usage.call_seconds
    return busy + (_predictions(plan) + _checks(plan, workload)) * usage.prediction_seconds


def requests(plan: Plan, workload: Description) -> float:
    """Those that Cloud Run counts: none of a service that is billed by instance."""
    if workload.serving.instance.always_on:
        return 0
    return _predictions(plan) + _pushes(plan, workload) + _checks(plan, workload)


def _predictions(plan: Plan) -> float:
    return plan.usage.predictions * timeline.MINUTES / timeline.DAY / len(plan.workloads)


def _pushes(plan: Plan, workload: Description) -> int:
    """The verdict on every version."""
    return plan.usage.retrainings * len(plan.trainings(workload))


def _checks(plan: Plan, workload: Description) -> int:
    return CHECKS if waking.is_watched(plan, workload) else 0
