"""What a function's bundle holds, and when it is another one."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from headrace import bundles, loading
from headrace.bundles import BundleRefused
from tests.deploy.servers import LOOP, ROOT

MIB = 1 << 20
NOTIFY = LOOP.deployables["notify"]
every_function = pytest.mark.parametrize("name", bundles.functions(LOOP))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy, to be changed."""
    root = tmp_path / "repository"
    root.mkdir()
    for part in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / part, root / part)
    for part in ("shared", "functions"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def packed(root: Path) -> bytes:
    return bundles.write(NOTIFY, root, root / "build" / "notify.zip").read_bytes()


def append(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text()}{line}\n")


def test_the_same_code_is_the_same_bytes_wherever_and_whenever_it_is_packed(repository: Path) -> None:
    for path in repository.rglob("*.py"):
        os.utime(path, (1, 1))
    assert packed(repository) == bundles.write(NOTIFY, ROOT, repository / "elsewhere.zip").read_bytes()


def test_a_function_is_another_one_when_what_it_imports_changes(repository: Path) -> None:
    before = packed(repository)
    append(repository / "shared" / "headrace" / "bus" / "claims.py", "ANOTHER = 1")
    assert packed(repository) != before


def test_a_function_is_the_same_one_when_training_serving_or_the_command_line_changes(repository: Path) -> None:
    before = packed(repository)
    for path in ("workloads/cats_dogs/training.py", "workloads/cats_dogs/serving.py", "headrace/cli/main.py"):
        append(repository / "shared" / path, "ANOTHER = 1")
    assert packed(repository) == before


@every_function
def test_a_bundle_holds_its_function_the_intake_of_every_workload_and_no_part_that_trains(name: str) -> None:
    files = bundles.contents(LOOP.deployables[name], ROOT)
    assert f"functions/{name}/main.py" in files
    for workload in loading.names():
        assert {f"workloads/{workload}/workload.yaml", f"workloads/{workload}/intake.py"} <= set(files)
    assert not [path for path in files if path.endswith("/training.py")]
    assert {path.split("/")[1] for path in files if path.startswith("functions/")} == {name, "__init__.py"}
    assert not [path for path in files if path.startswith(("services", "localcloud", "headrace/cli"))]


@every_function
def test_a_bundles_requirements_are_what_its_extra_asks_for_and_change_with_the_constraints(name: str) -> None:
    text = bundles.contents(LOOP.deployables[name], ROOT)["requirements.txt"].decode()
    assert hashlib.sha256((ROOT / "constraints.txt").read_bytes()).hexdigest() in text
    asked = [line for line in text.splitlines() if not line.startswith(("#", "--"))]
    assert "functions-framework" in asked  # as Google's buildpack looks for it, or it adds one of its own
    assert not [line for line in asked if "headrace" in line or line.startswith(".")]


def test_a_bundle_that_is_too_large_is_refused_with_its_largest_file_and_not_left_behind(repository: Path) -> None:
    (repository / "functions" / "notify" / "words.py").write_text(f"WORDS = '{'w' * (61 * MIB)}'\n")
    append(repository / "functions" / "notify" / "main.py", "from functions.notify import words")
    archive = repository / "notify.zip"
    with pytest.raises(
        BundleRefused, match=r"notify.zip would have 61 MiB, and may have 60; .* functions/notify/words.py"
    ):
        bundles.write(NOTIFY, repository, archive)
    assert not archive.exists()


def test_requirements_that_ask_for_no_extra_are_refused(repository: Path) -> None:
    (repository / "functions" / "notify" / "requirements.txt").write_text("requests\n")
    with pytest.raises(BundleRefused, match=r"functions/notify/requirements.txt must ask for one extra of the project"):
        packed(repository)


def test_headrace_bundle_writes_an_archive_for_each_function(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "headrace.cli.main", "bundle"]
    said = subprocess.check_output([*command, "--into", tmp_path], text=True)
    assert {path.stem for path in tmp_path.iterdir()} == set(bundles.functions(LOOP))
    assert all(zipfile.is_zipfile(path) for path in tmp_path.iterdir())
    assert all(f"{name}.zip" in said for name in bundles.functions(LOOP))
    refused = subprocess.run([*command, "trainer"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "no function named trainer; there are ingest," in refused.stdout
