"""A judgement in; the cards of its version and of its data, and how both came to be, kept for people, out."""

import json
import logging
from dataclasses import asdict

from headrace import catalogue
from headrace.cards import html, markdown
from headrace.cards.data import data_card
from headrace.cards.model import Judged, model_card
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.errors import NotFound, Rejected
from headrace.ports import Logged, Platform, Version
from headrace.promotion import outcomes
from headrace.records import lineage
from services.evaluator.gate import Judgement

log = logging.getLogger("headrace.evaluator")


def keep(platform: Platform, version: Version, champion: Version | None, judgement: Judgement, semver: str) -> None:
    """Keep both cards, the numbers and the lineage; once more, and they are the same."""
    training, manifest = _training(platform, version), _manifest(platform, version)
    if training:
        judged = Judged(
            version=version,
            champion=champion,
            verdict=judgement.verdict,
            rows=judgement.rows,
            fields=judgement.fields,
            watched=judgement.watched,
            training=training,
            manifest=manifest,
            semver=semver,
        )
        _keep_model_card(platform, judged)
    if manifest and judgement.fields:
        _keep_data_card(platform, manifest, judgement, training)
    if manifest and training:
        _keep_lineage(platform, version, manifest, training)


def _keep_model_card(platform: Platform, judged: Judged) -> None:
    version = judged.version
    outcomes.keep(platform.store, version, model_card(catalogue.describe(version.workload), judged))
    try:
        verdict = json.dumps(asdict(judged.verdict), indent=1).encode()
        platform.registry.attach(version, "card/verdict.json", verdict)
    except NotFound as reason:
        log.warning("version %d of %s keeps no numbers: %s", version.number, version.workload, reason)


def _keep_data_card(platform: Platform, manifest: Manifest, judgement: Judgement, training: Logged | None) -> None:
    workload, dataset = manifest.workload, manifest.dataset
    made = platform.store.stat(datasets.manifest_name(workload, dataset)).updated
    notes = training.tags.get("mlflow.note.content", "") if training else ""
    card = data_card(
        catalogue.describe(workload),
        manifest,
        made,
        judgement.rows,
        judgement.verdict.groups,
        judgement.fields,
        notes,
    )
    name = f"cards/{workload}/{dataset}"
    platform.store.write(f"{name}.md", markdown.render(card).encode())
    platform.store.write(f"{name}.html", html.render(card).encode())


def _keep_lineage(platform: Platform, version: Version, manifest: Manifest, training: Logged) -> None:
    made = platform.store.stat(datasets.manifest_name(version.workload, manifest.dataset)).updated
    facts = lineage.events(platform.store, version, manifest, made, training, platform.clock.now())
    lineage.keep(platform.store, version, facts)


def _training(platform: Platform, version: Version) -> Logged | None:
    try:
        return platform.registry.training(version)
    except NotFound as reason:
        log.warning("version %d of %s has no card: %s", version.number, version.workload, reason)
        return None


def _manifest(platform: Platform, version: Version) -> Manifest | None:
    try:
        return datasets.load(platform.store, version.workload, version.tags.get("headrace.dataset", ""))
    except Rejected:
        return None
