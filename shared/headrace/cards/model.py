"""What is known of a model version once it was judged in; its model card out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headrace.cards.document import Document, Part, Section, Table
from headrace.cards.scores import fairness, limits, scores, slices
from headrace.catalogue import Description
from headrace.data.datasets import Manifest
from headrace.policy.verdict import Verdict
from headrace.ports import Logged, Version
from headrace.workload import Field


@dataclass(frozen=True, slots=True)
class Judged:
    """A version as the evaluator has it: what it is, what it was trained by and on, and the verdict on so many rows.

    `fields` is what it may be asked, `watched` the columns on which its predictions are held against its training data.
    """

    version: Version
    champion: Version | None
    verdict: Verdict
    rows: int
    fields: Sequence[Field]
    watched: Sequence[str]
    training: Logged | None
    manifest: Manifest | None
    semver: str


def model_card(description: Description, judged: Judged) -> Document:
    """The card of one version: what it is for, what it can do, and where it comes from."""
    version, card = judged.version, description.card
    passed = judged.verdict.promoted
    return Document(
        title=f"{description.name} {judged.semver or f'version {version.number}'}",
        about=f"{description.title}. Version {version.number}, registered {version.created:%Y-%m-%d %H:%M} UTC.",
        word="Passed the promotion policy" if passed else "Did not pass the promotion policy",
        good=passed,
        sections=[
            Section("Why", judged.verdict.reasons),
            Section("Purpose", [card.purpose]),
            Section("Limits", [card.limits]),
            *scores(judged.verdict, judged.rows, judged.champion),
            *slices(judged.verdict),
            *fairness(description.promotion, judged.verdict),
            *limits(judged.verdict),
            Section("What it may be asked", list(_fields(judged.fields))),
            Section("Training data", [card.data, *_data(judged)]),
            Section("Training", list(_training(judged))),
            Section("Drift reference", [_watched(judged.watched)]),
            Section("Lineage", [_lineage(description, judged)]),
            Section("Licence", [card.licence]),
        ],
    )


def _fields(fields: Sequence[Field]) -> Iterator[Part]:
    if not fields:
        yield "The model cannot be loaded, so that nothing is known of its fields."
        return
    rows = [(field.name, field.kind, "yes" if field.required else "no", field.about or "–") for field in fields]
    yield Table(("field", "kind", "required", "about"), rows)


def _data(judged: Judged) -> Iterator[Part]:
    dataset = judged.version.tags.get("headrace.dataset", "unknown")
    yield f"Dataset version {dataset}; its data card says more."
    if notes := judged.training and judged.training.tags.get("mlflow.note.content"):
        yield notes


def _training(judged: Judged) -> Iterator[Part]:
    training = judged.training
    if training is None:
        yield "No run of the platform's trained it, so nothing is known of its training."
        return
    took = f", {(training.ended - training.started).total_seconds():.0f} s" if training.ended else ""
    candidate = judged.version.tags.get("headrace.candidate", "unknown")
    yield f"Candidate {candidate}, trained from {training.started:%Y-%m-%d %H:%M:%S} UTC on{took}."
    if training.params:
        yield Table(("parameter", "value"), sorted(training.params.items()))


def _watched(columns: Sequence[str]) -> str:
    if not columns:
        return "None: the model cannot be loaded."
    return (
        "What it was trained on is summarised beside the model, among the files of its export. Predictions are held "
        f"against that on {', '.join(columns)}."
    )


def _lineage(description: Description, judged: Judged) -> Table:
    tags = judged.version.tags
    rows = {
        "dataset version": tags.get("headrace.dataset"),
        "uploaded as": judged.manifest and judged.manifest.source,
        "test set": tags.get("headrace.testset"),
        "training job": tags.get("headrace.job"),
        "MLflow run": judged.version.run_id,
        "code": judged.training and judged.training.tags.get("mlflow.source.git.commit"),
        "trace": tags.get("headrace.traceparent"),
        "judged against": f"version {judged.champion.number}" if judged.champion else "no champion",
        "promotion policy": description.promotion.hash,
    }
    return Table(("what", "which"), [(what, which or "unknown") for what, which in rows.items()])
