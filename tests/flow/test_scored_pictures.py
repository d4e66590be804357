"""Folders of pictures, dropped to be scored on a running stack by networks that were trained a little."""

import csv
import subprocess
import sys
from importlib import import_module
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from headrace import batches, catalogue
from headrace.batches import Latest, Manifest
from headrace.data.folder_dataset import FolderDataset
from headrace.training import stages
from headrace.training.folder_run import FolderRun
from tests.flow import models
from tests.flow.loop import Loop
from workloads.cats_dogs.generator import write_pictures

SECONDS = 240


def trained(workload: str, data: Path, folder: Path, **changed: Any) -> Path:
    """The export of the workload's first candidate, with fewer epochs."""
    split, built = folder / "split", folder / "built"
    import_module(f"workloads.{workload}.training").training.prepare(FolderDataset(data), split)
    params = dict(next(iter(catalogue.describe(workload).candidates.values()))) | changed
    return stages.export(workload, stages.fit(workload, params, split, FolderRun(built)), split, built).export


def made_champion(loop: Loop, workload: str, export: Path) -> None:
    """As a person does it on MLflow's page."""
    registry = loop.platform.registry
    version = registry.register(workload, *models.log(loop.platform, workload, export, f"{workload}-by-hand"), {})
    registry.set_alias(workload, "champion", version.number)


def scored(loop: Loop, workload: str, folder: Path) -> tuple[str, Manifest]:
    """What the command says of a folder, and the manifest of what is the latest then."""
    words = ("score", workload, str(folder), "--state", str(loop.state))
    command, environment = (
        [sys.executable, "-m", "headrace.cli.main", *words],
        {"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    latest = Latest.model_validate_json(loop.platform.store.read(batches.latest_name(workload)))
    manifest = loop.platform.store.read(batches.manifest_name(workload, latest.batch))
    return done.stdout, Manifest.model_validate_json(manifest)


def table(loop: Loop, manifest: Manifest, kind: str) -> list[dict[str, str]]:
    folder = batches.folder(manifest.workload, manifest.batch)
    texts = [loop.platform.store.read(f"{folder}/{each.name}").decode() for each in getattr(manifest, kind)]
    return [row for text in texts for row in csv.DictReader(StringIO(text))]


@pytest.mark.slow
def test_photos_are_told_apart_and_damaged_ones_set_aside_with_their_reasons(shared: Loop, tmp_path: Path) -> None:
    write_pictures(tmp_path / "photos", 300, seed=1)
    export = trained("cats_dogs", tmp_path / "photos", tmp_path, width=8, epochs=15)
    made_champion(shared, "cats_dogs", export)
    write_pictures(tmp_path / "june", 100, seed=2, broken=True)
    said, manifest = scored(shared, "cats_dogs", tmp_path / "june")
    assert f"{manifest.rows - manifest.rejected} of {manifest.rows} rows are answered by version 1" in said

    files = {path.relative_to(tmp_path / "june").as_posix() for path in (tmp_path / "june").rglob("*.*")}
    answers, rejects = table(shared, manifest, "outputs"), table(shared, manifest, "rejects")
    assert {row["file"] for row in answers} | {row["name"] for row in rejects} == files == set(manifest.files)
    assert len(answers) + len(rejects) == manifest.rows == len(files)
    reasons = {row["name"].partition(".")[2]: row["reason"] for row in rejects}
    assert reasons.keys() == {"empty.jpg", "cut-short.jpg", "page.jpg", "tiny.png"}
    assert reasons["cut-short.jpg"].startswith("image is damaged (")
    right = [row["file"].startswith(row["label"]) for row in answers]
    assert sum(right) > 0.7 * len(right)


@pytest.mark.slow
def test_radar_images_come_out_in_colour_as_pngs_beside_the_manifest(shared: Loop, tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    import_module("workloads.sar_colorization.generator").sample(tmp_path / "pairs")
    export = trained("sar_colorization", tmp_path / "pairs", tmp_path, epochs=1)
    made_champion(shared, "sar_colorization", export)
    june = tmp_path / "june"
    (june / "coast").mkdir(parents=True)
    sizes = {"coast/a.png": (300, 280), "b.png": (64, 64)}
    for name, size in sizes.items():
        Image.linear_gradient("L").resize(size).save(june / name)
    (june / "torn.png").write_bytes((june / "b.png").read_bytes()[:60])

    _, manifest = scored(shared, "sar_colorization", june)
    assert (manifest.rows, manifest.rejected) == (3, 1)
    answers = {row["file"]: row for row in table(shared, manifest, "outputs")}
    assert [each.name for each in manifest.images] == ["images/image/b.png.png", "images/image/coast/a.png.png"]
    folder = batches.folder(manifest.workload, manifest.batch)
    for name, size in sizes.items():
        assert answers[name]["image"] == shared.platform.store.uri(f"{folder}/images/image/{name}.png")
        made = Image.open(BytesIO(shared.platform.store.read(f"{folder}/images/image/{name}.png")))
        assert (made.format, made.mode, made.size) == ("PNG", "RGB", size)
    (reject,) = table(shared, manifest, "rejects")
    assert reject["name"] == "torn.png"
