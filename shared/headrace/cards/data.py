"""What is known of a dataset version once a model of it was judged in; its data card out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from headrace.cards.document import Document, Part, Section, Table
from headrace.catalogue import Description
from headrace.data.datasets import Manifest
from headrace.policy.verdict import Group
from headrace.workload import Field

MOST_FILES = 20


def data_card(
    description: Description,
    manifest: Manifest,
    made: datetime,
    rows: int,
    groups: Sequence[Group],
    fields: Sequence[Field],
    notes: str,
) -> Document:
    """The card of one version: what is in it, where it came from, what was set aside, and what it is tested on."""
    size = sum(file.size for file in manifest.files)
    return Document(
        title=f"{description.name} data {manifest.dataset}",
        about=f"Data for: {description.title}. Made {made:%Y-%m-%d %H:%M} UTC, and never changed since.",
        word=f"{len(manifest.files):,} file{'s' * (len(manifest.files) != 1)}, {size:,} bytes",
        good=True,
        sections=[
            Section("What it is", [description.card.data]),
            Section("Where it came from", [_origin(manifest), _files(manifest)]),
            Section("Notes from checking it", notes.splitlines() or ["Nothing was set aside."]),
            Section("Fields", [_fields(fields)]),
            Section("Test set", list(_testset(rows, groups))),
            Section("Licence", [description.card.licence]),
        ],
    )


def _origin(manifest: Manifest) -> str:
    is_upload = manifest.source.startswith("gs://")
    return f"Uploaded as {manifest.source}." if is_upload else f"Made by {manifest.source}, which added what is last."


def _files(manifest: Manifest) -> Table:
    rows = [(file.name, f"{file.size:,}", file.md5 or file.crc32c) for file in manifest.files[:MOST_FILES]]
    if len(manifest.files) > MOST_FILES:
        rows.append((f"and {len(manifest.files) - MOST_FILES:,} more", "", ""))
    return Table(("file", "bytes", "checksum"), rows)


def _fields(fields: Sequence[Field]) -> Table:
    rows = [(field.name, field.kind, ", ".join(field.choices[:MOST_FILES]) or "–") for field in fields]
    return Table(("field", "kind", "values"), rows)


def _testset(rows: int, groups: Sequence[Group]) -> Iterator[Part]:
    yield f"{rows:,} rows are held out from every training, frozen by their content."
    if groups:
        yield Table(("group", "rows"), [(f"{group.slice}: {group.name}", f"{group.rows:,}") for group in groups])
