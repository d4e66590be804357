"""A plan in; what Cloud Run bills for functions, services and jobs out."""

from collections.abc import Iterable, Iterator, Mapping

from headrace.costs import serving, timeline, waking
from headrace.costs.billing import Line, machine
from headrace.costs.plan import Plan
from headrace.costs.prices import Prices
from headrace.topology import Deployable


def lines(plan: Plan) -> Iterator[Line]:
    """MLflow, the inference services, everything that is called for an event, and jobs."""
    for name, each in plan.of("process").items():
        yield serving.line(plan, name) if each.per_workload else _alone(plan, name, each)
    yield _called(plan)
    yield _requests(plan)
    for name, each in plan.of("job").items():
        cron = plan.schedule(name)
        if cron:
            yield _job(plan, name, each, cron)


def free(found: Iterable[Line], prices: Prices) -> Line:
    """What Google takes off a billing account's month."""
    found = tuple(found)
    cpu = min(sum(line.cpu for line in found), prices.given("run_instance_cpu"))
    memory = min(sum(line.memory for line in found), prices.given("run_instance_gib"))
    return Line("free of Cloud Run", -(cpu + memory), "once a billing account")


def _alone(plan: Plan, name: str, each: Deployable) -> Line:
    """A service of its own: MLflow as long as it is awake, the studio while people look at it."""
    spans = waking.mlflow(plan) if name == "mlflow" else waking.looks(plan)
    if each.needs.instances[0]:
        spans = waking.ALWAYS
    hours = max(1, each.needs.instances[0]) * timeline.hours(spans)
    cpu, memory = machine(
        plan.prices, "instance" if name == "mlflow" else "request", each.needs.cpus, each.needs.memory_mib, hours * 3600
    )
    return Line(name.replace("_", " "), cpu + memory, f"awake {hours:.0f} h", cpu, memory)


def _job(plan: Plan, name: str, each: Deployable, cron: str) -> Line:
    seconds = plan.usage.check_seconds if "mlflow" in each.uses else plan.usage.job_seconds
    runs = len(timeline.runs(cron))
    cpu, memory = machine(plan.prices, "instance", each.needs.cpus, each.needs.memory_mib, runs * seconds)
    return Line(name.replace("_", " "), cpu + memory, f"{runs} runs", cpu, memory)


def _called(plan: Plan) -> Line:
    """Functions, and services that an event calls."""
    cpu, memory, calls = 0.0, 0.0, 0
    for name, each in _callable(plan).items():
        count = _calls(plan, name, each)
        # What asked for time of its own to answer an event takes it: the evaluator.
        seconds = count * (plan.usage.judging_seconds if each.ack_seconds else plan.usage.call_seconds)
        more = machine(plan.prices, "request", each.needs.cpus, each.needs.memory_mib, seconds)
        cpu, memory, calls = cpu + more[0], memory + more[1], calls + count
    return Line("functions, trainer, evaluator", cpu + memory, f"{calls:,} calls", cpu, memory)


def _requests(plan: Plan) -> Line:
    """Of everything that is billed by request."""
    asked = any(each.per_workload for each in plan.topology.deployables.values())
    served = sum(serving.requests(plan, workload) for workload in plan.workloads) if asked else 0
    count = served + sum(_calls(plan, name, each) for name, each in _callable(plan).items())
    return Line("requests to Cloud Run", plan.prices.paid("run_requests", count / 1e6), f"{count:,.0f}")


def _callable(plan: Plan) -> Mapping[str, Deployable]:
    return {**plan.of("cloud_event"), **plan.of("http")}


def _calls(plan: Plan, name: str, each: Deployable) -> int:
    """Each event that it listens to, for every training: more than really come, for a version has one verdict."""
    datasets = plan.usage.retrainings * len(plan.workloads)
    trainings = plan.usage.retrainings * sum(len(plan.trainings(workload)) for workload in plan.workloads)
    cron = plan.schedule(name)
    return (
        (len(timeline.runs(cron)) if cron else 0)
        + (datasets if each.bucket else 0)
        + trainings * (len(each.listens) + len(each.streams) + (each.entry == "http"))
    )
