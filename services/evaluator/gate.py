"""A challenger, the champion and the frozen test set of the challenger's data in; a verdict out."""

import logging
from dataclasses import dataclass
from pathlib import Path

from headrace import catalogue, datasets, policy
from headrace.errors import NotFound, Rejected, WorkloadFailed
from headrace.policy import Verdict
from headrace.ports import Platform, Version
from headrace.scoring import Scorer
from headrace.workload import Arrays, Examples

log = logging.getLogger("headrace.evaluator")


@dataclass(frozen=True, slots=True)
class Bench:
    """The rows that both models are scored on, and where their files are put."""

    platform: Platform
    folder: Path
    examples: Examples

    @classmethod
    def set_up(cls, platform: Platform, challenger: Version, folder: Path) -> "Bench":
        """Fetch the frozen test set. Raises Rejected when it is not the one that the challenger was held out from."""
        workload, dataset = challenger.workload, challenger.tags.get("headrace.dataset")
        if dataset is None:
            raise Rejected(f"version {challenger.number} has no headrace.dataset tag: no training job registered it")
        frozen = datasets.thaw(platform.store, workload, dataset, folder / "testset")
        if frozen != challenger.tags.get("headrace.testset"):
            raise Rejected(f"version {challenger.number} was held out from another test set than {frozen}")
        return cls(platform, folder, catalogue.serving(workload).examples(folder / "testset"))

    def outcomes(self, version: Version) -> Arrays:
        """What `version` makes of every row. Raises WorkloadFailed."""
        export = self.folder / f"version-{version.number}"
        export.mkdir()
        self.platform.registry.download(version, export)
        return Scorer(version.workload, export).outcomes(self.examples)


def judge(platform: Platform, challenger: Version, champion: Version | None, folder: Path) -> Verdict:
    """Score both on the same rows and apply the workload's policy."""
    bench = Bench.set_up(platform, challenger, folder)
    metrics = catalogue.serving(challenger.workload).metrics
    promotion = catalogue.describe(challenger.workload).promotion
    return policy.judge(promotion, metrics, bench.outcomes(challenger), _rival(bench, champion))


def _rival(bench: Bench, champion: Version | None) -> Arrays | None:
    """A champion that cannot be scored any more is no rival, or nothing could ever take its place."""
    if champion is None:
        return None
    try:
        return bench.outcomes(champion)
    except (WorkloadFailed, NotFound) as error:
        log.warning("champion %d of %s cannot be scored: %s", champion.number, champion.workload, error)
        return None
