"""DVC itself on what `headrace dataset pull` writes, and `headrace dataset push` on what DVC writes."""

import shutil
from hashlib import sha256
from pathlib import Path

from functions.ingest.main import ingest
from headrace import dvc
from headrace.bus.triggers import ObjectFinalized
from headrace.data import datasets
from headrace.events import DatasetReady
from headrace.ports import Platform
from tests.contract.dvc.conftest import Shell
from tests.contract.dvc.meter import Meter

W = "loan_default"
HEADERS = 60_000
"""More than the headers and listings of any of these requests, and less than any of these files."""

LOCAL = "export GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT=false"
"""Or gcsfs asks Google for the bucket's layout; what `headrace dataset pull` prints says so too."""


def digests(folder: Path) -> dict[str, str]:
    """What each file of a folder holds."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}


def dropped(platform: Platform, folder: Path) -> str:
    """The dataset version that ingest makes of a folder that is dropped."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        platform.data.upload(f"{W}/dropped/{path.relative_to(folder).as_posix()}", path)
    generation = platform.data.write(f"{W}/dropped/_SUCCESS", b"")
    event = ObjectFinalized(bucket=platform.data.bucket, name=f"{W}/dropped/_SUCCESS", generation=generation, size=0)
    (fact,) = ingest(event, platform)
    assert isinstance(fact, DatasetReady)
    return fact.dataset


def test_what_is_pulled_is_what_dvc_tracks_and_finds_in_the_bucket(
    platform: Platform, storage: Meter, months: Path, shell: Shell, repository: Path, tmp_path: Path
) -> None:
    dataset = dropped(platform, months)
    before = storage.sent
    said = shell.run(repository, f"headrace dataset pull {W} {dataset} data/loans")
    assert storage.sent - before < HEADERS, "the data went up again"
    assert digests(repository / "data" / "loans") == digests(months)

    shell.run(repository, "cp -r data/loans loans && dvc add --quiet loans && rm -r loans")
    assert (repository / "loans.dvc").read_text() == (repository / "data" / "loans.dvc").read_text()

    introduction = said[said.index("dvc remote add") :]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(repository / "data" / "loans.dvc", elsewhere)
    shell.run(elsewhere, "dvc init --no-scm --quiet", introduction, "dvc pull --quiet")
    assert digests(elsewhere / "loans") == digests(months)


def test_what_dvc_pushed_is_the_dataset_version_that_dropping_it_makes(
    platform: Platform, storage: Meter, months: Path, shell: Shell, repository: Path
) -> None:
    shutil.copytree(months, repository / "loans")
    shell.run(repository, LOCAL, "dvc add --quiet loans", "dvc push --quiet")
    shutil.rmtree(repository / "loans")
    shutil.rmtree(repository / ".dvc" / "cache")
    before = storage.sent
    manifest = dvc.push(platform, W, repository / "loans.dvc")
    assert storage.sent - before < HEADERS, "the data went up again"
    assert manifest.dataset == dropped(platform, months)
    assert datasets.load(platform.store, W, manifest.dataset) == manifest


def test_what_dvc_only_tracks_is_uploaded_once_and_then_known_to_dvc(
    platform: Platform, storage: Meter, months: Path, shell: Shell, repository: Path
) -> None:
    shutil.copytree(months, repository / "loans")
    shell.run(repository, "dvc add --quiet loans", "rm -r loans")
    size = (months / "02.csv").stat().st_size + (months / "2024" / "01 jänner.csv").stat().st_size
    before = storage.sent
    first = dvc.push(platform, W, repository / "loans.dvc")
    assert size < storage.sent - before < size + HEADERS
    before = storage.sent
    assert dvc.push(platform, W, repository / "loans.dvc") == first
    assert storage.sent - before < HEADERS, "the data went up again"
    assert "in sync" in shell.run(repository, LOCAL, "dvc status --cloud")


def test_a_file_that_dvc_tracks_by_itself_is_the_dataset_version_that_dropping_it_makes(
    platform: Platform, months: Path, shell: Shell, repository: Path
) -> None:
    shutil.copy(months / "02.csv", repository)
    shell.run(repository, "dvc add --quiet 02.csv")
    stat = platform.data.upload(f"{W}/02.csv", months / "02.csv")
    event = ObjectFinalized(bucket=platform.data.bucket, name=stat.name, generation=stat.generation, size=stat.size)
    (fact,) = ingest(event, platform)
    assert isinstance(fact, DatasetReady)
    assert dvc.push(platform, W, repository / "02.csv.dvc").dataset == fact.dataset
