"""A challenger, the champion and the frozen test set of the challenger's data in; a verdict out."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import catalogue, loading
from headrace.data import datasets
from headrace.drift.describing import described_by
from headrace.errors import NotFound, Rejected, WorkloadFailed
from headrace.models.scoring import Scorer
from headrace.policy import judging
from headrace.policy.verdict import Verdict
from headrace.ports import Platform, Version
from headrace.workload import Arrays, Examples, Field
from services.evaluator import measuring

log = logging.getLogger("headrace.evaluator")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the number of rows it rests on, and what the challenger may be asked: nothing if it cannot be.

    `watched` names the columns that its predictions are described by.
    """

    verdict: Verdict
    rows: int = 0
    fields: Sequence[Field] = ()
    watched: Sequence[str] = ()


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
        with loading.user_code(workload, "reading the test set"):
            return cls(platform, folder, loading.serving(workload).examples(folder / "testset"))

    def export(self, version: Version) -> Path:
        """The files of `version`."""
        folder = self.folder / f"version-{version.number}"
        folder.mkdir()
        self.platform.registry.download(version, folder)
        return folder


def judge(platform: Platform, challenger: Version, champion: Version | None) -> Judgement:
    """Score both on the same rows and apply the workload's policy. What cannot be scored is judged as that."""
    with TemporaryDirectory(prefix="headrace-") as scratch:
        try:
            return _judged(Bench.set_up(platform, challenger, Path(scratch)), challenger, champion)
        except (WorkloadFailed, Rejected, NotFound) as error:
            return Judgement(Verdict(False, (str(error),), {}))


def _judged(bench: Bench, challenger: Version, champion: Version | None) -> Judgement:
    workload, export = challenger.workload, bench.export(challenger)
    scorer = Scorer(workload, export)
    outcomes = scorer.outcomes(bench.examples)
    measured = measuring.measure(bench.platform, challenger, export, scorer, bench.examples)
    rival = _rival(bench, champion)
    serving = loading.serving(workload)
    with loading.user_code(workload, "judging"):
        first = bench.examples.instances[:1]
        watched = (*serving.describe(first), *described_by(scorer.codec, first))
        verdict = judging.judge(
            catalogue.describe(workload).promotion,
            serving.metrics,
            outcomes,
            rival,
            bench.examples.slices,
            measured,
        )
    return Judgement(verdict, len(bench.examples.instances), scorer.codec.fields, watched)


def _rival(bench: Bench, champion: Version | None) -> Arrays | None:
    """A champion that cannot be scored any more is no rival, or nothing could ever take its place."""
    if champion is None:
        return None
    try:
        return Scorer(champion.workload, bench.export(champion)).outcomes(bench.examples)
    except (WorkloadFailed, NotFound) as error:
        log.warning("champion %d of %s cannot be scored: %s", champion.number, champion.workload, error)
        return None
