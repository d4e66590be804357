"""A plan in; what each part that one may have or leave out adds to its month out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from headrace.costs import waking
from headrace.costs.month import total
from headrace.costs.plan import Plan
from headrace.costs.usage import IDLE

GPU = "nvidia-l4"
A_DAYS_WORK = 8 * 60
EVERY_MINUTE = "* * * * *"
FOUR_A_DAY = "41 */6 * * *"
Change = Callable[[Plan], Plan]


@dataclass(frozen=True, slots=True)
class Option:
    """What one part adds when nothing is asked, and in light use."""

    part: str
    idle: float
    light: float


def options(plan: Plan) -> Iterator[Option]:
    """Each compares the plan with the part to the plan without it, everything else as it is."""
    for part, with_it, without in _changes(plan):
        yield Option(part, *(total(with_it(each)) - total(without(each)) for each in (_idle(plan), plan)))
    alone, others = replace(plan, workloads=plan.workloads[:1]), len(plan.workloads) - 1
    yield Option(
        "each workload beyond the first",
        *((total(change(plan)) - total(change(alone))) / max(1, others) for change in (_idle, _as_it_is)),
    )
    images = sum(each.folder.startswith("services/") for each in plan.topology.deployables.values())
    scans = plan.prices.paid("registry_scan", images)
    yield Option(f"each delivery, whose {images} images are scanned", scans, scans)


def _changes(plan: Plan) -> Iterator[tuple[str, Change, Change]]:
    tier = plan.environment.database.tier
    yield f"Cloud SQL ({tier})", _set(mlflow_backend="cloudsql"), _set(mlflow_backend="sqlite")
    nat = "the internet for training nodes without an address (Cloud NAT)"
    yield nat, _set(internet=True), _set(internet=False)
    yield "the reconciler every minute, not every six hours", _reconciled(EVERY_MINUTE), _reconciled(FOUR_A_DAY)
    yield "predictions all day, not in sittings", _asked_all_day, _as_it_is
    yield "the studio open for eight hours a day, not 20 minutes", _looked_at, _as_it_is
    never = "one inference service never sleeps (`least: 1`)"
    yield never, _instance(least=1), _instance(least=0)
    yield "an uptime check of one inference service", _watched, _set(watched=())
    gpu = {"gpu": GPU, "cpus": 4, "memory_mib": 16384}
    yield f"one inference service on {GPU}", _instance(**gpu), _instance(gpu=None)


def _as_it_is(plan: Plan) -> Plan:
    return plan


def _idle(plan: Plan) -> Plan:
    return replace(plan, usage=IDLE)


def _set(**settings: object) -> Change:
    return lambda plan: replace(plan, environment=plan.environment.model_copy(update=settings))


def _reconciled(cron: str) -> Change:
    return lambda plan: _set(schedules={**plan.environment.schedules, "reconcile": cron})(plan)


def _watched(plan: Plan) -> Plan:
    return _set(watched=(waking.service(plan, plan.workloads[0]),))(plan)


def _asked_all_day(plan: Plan) -> Plan:
    if not plan.usage.predictions:
        return plan
    return replace(plan, usage=replace(plan.usage, sittings=1, sitting_minutes=24 * 60))


def _looked_at(plan: Plan) -> Plan:
    if not plan.usage.looking_minutes:
        return plan
    return replace(plan, usage=replace(plan.usage, looking_minutes=A_DAYS_WORK))


def _instance(**settings: Any) -> Change:
    def changed(plan: Plan) -> Plan:
        first, *others = plan.workloads
        instance = first.serving.instance.model_copy(update=settings)
        serving = first.serving.model_copy(update={"instance": instance})
        return replace(plan, workloads=(first.model_copy(update={"serving": serving}), *others))

    return changed
