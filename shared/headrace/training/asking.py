"""Somebody's wish that a dataset version be trained on, again or for the first time, in; the fact that says so out."""

from uuid import uuid4

from headrace import catalogue, tracing
from headrace.bus import runtime
from headrace.data import datasets
from headrace.errors import Rejected
from headrace.events import RetrainRequested
from headrace.ports import Platform


def ask(
    platform: Platform,
    workload: str,
    actor: str,
    dataset: str = "",
    candidates: tuple[str, ...] = (),
    reason: str = "",
) -> RetrainRequested:
    """Ask for a training on `dataset`, or on the champion's when none is named. Raises Rejected when there is neither.

    Every time is a new request, whether the data was trained on before or not.
    """
    catalogue.describe(workload)
    dataset = dataset or _champions(platform, workload)
    datasets.load(platform.store, workload, dataset)
    fact = RetrainRequested(
        workload=workload,
        request=uuid4().hex[:8],
        dataset=dataset,
        actor=actor,
        candidates=candidates,
        reason=reason,
    )
    with tracing.use(tracing.parse(None)):
        runtime.publish(fact, platform)
    return fact


def _champions(platform: Platform, workload: str) -> str:
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        raise Rejected(f"{workload} has no champion; name the dataset version with --dataset")
    if dataset := champion.tags.get("headrace.dataset"):
        return dataset
    raise Rejected(f"version {champion.number} of {workload} does not say its dataset; name one with --dataset")
