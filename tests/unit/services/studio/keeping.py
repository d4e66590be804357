"""What the platform keeps of what happened, written as its components write it."""

import json
from collections.abc import Mapping
from datetime import datetime

from headrace import tracing
from headrace.bus.envelope import seal
from headrace.data import datasets
from headrace.data.datasets import Manifest
from headrace.events import Event
from headrace.ports import Version
from services.studio.people import Person, Role
from services.studio.studio import Studio
from tests.fakes import FakePlatform

W = "loan_default"


def studio(platform: FakePlatform, role: Role = "operator") -> Studio:
    return Studio(platform, platform.settings, Person("ana@example.com", role))


def told(platform: FakePlatform, fact: Event, source: str = "ingest", at: datetime | None = None) -> None:
    """Let the fact be in the audit trail."""
    at = at or platform.clock.now()
    message = seal(fact, source, at, tracing.parse(None, cause=fact.id))
    platform.audit.write(f"events/{fact.topic()}/{at:%Y-%m-%dT%H:%M:%S}+00:00_{fact.id[:6]}.jsonl", message.data)


def uploaded(platform: FakePlatform, name: str, content: bytes, metadata: Mapping[str, str] | None = None) -> str:
    """Let an object be in the data bucket; its URI with its generation."""
    generation = platform.data.write(f"{W}/{name}", content)
    return f"{platform.data.uri(f'{W}/{name}')}#{generation}"


def made(platform: FakePlatform, *files: str, workload: str = W) -> Manifest:
    """Let the objects `files` of the data bucket be a dataset version."""
    found = tuple(
        datasets.as_file(platform.data.bucket, platform.data.stat(f"{W}/{name}"), name.rsplit("/", 1)[-1])
        for name in files
    )
    source = f"{platform.data.uri(found[0].object)}#{found[0].generation}"
    manifest = Manifest(workload=workload, dataset=datasets.version_of(found), source=source, files=found)
    datasets.publish(platform.store, manifest)
    return manifest


def trained(platform: FakePlatform, manifest: Manifest, rows: str = "800+200", testset: str = "c0ffee") -> Version:
    """Let a model of the dataset version be registered."""
    tags = {"headrace.dataset": manifest.dataset, "headrace.testset": testset, "headrace.rows": rows}
    return platform.registry.register(manifest.workload, "run-1", "gs://models/1", tags)


def answered(platform: FakePlatform, at: datetime, *lines: Mapping[str, object]) -> None:
    """Let these lines be an object of the prediction log."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    platform.audit.write(f"predictions/{at:%Y-%m-%dT%H:%M:%S}+00:00_{len(lines):06d}.jsonl", text.encode())
