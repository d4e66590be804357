from collections.abc import Callable
from pathlib import Path

import pytest

from headrace.data.folder_dataset import FolderDataset
from workloads.loan_default.generator import sample
from workloads.loan_default.training import training

Split = Path


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four generated months of loans."""
    folder = tmp_path_factory.mktemp("dataset")
    sample(folder)
    return folder


@pytest.fixture(scope="session")
def split(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Split:
    """The months, prepared: `train/` and `test/`."""
    folder = tmp_path_factory.mktemp("split")
    training.prepare(FolderDataset(dataset), folder)
    return folder


@pytest.fixture
def prepared(tmp_path: Path) -> Callable[..., Path]:
    """A folder of files with the given bytes, by name."""

    def write(**files: bytes) -> Path:
        folder = tmp_path / f"dataset-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name.replace("_csv", ".csv").replace("_gz", ".gz").replace("_parquet", ".parquet")).write_bytes(
                content
            )
        return folder

    return write
