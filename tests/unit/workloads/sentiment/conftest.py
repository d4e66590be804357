from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from headrace.data.folder_dataset import FolderDataset
from workloads.sentiment.generator import sample
from workloads.sentiment.training import training

Written = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture(scope="session")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated reviews, prepared: `train/` and `test/`."""
    dataset, folder = tmp_path_factory.mktemp("reviews"), tmp_path_factory.mktemp("split")
    sample(dataset)
    training.prepare(FolderDataset(dataset), folder)
    return folder


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A new folder of files with the given bytes, by name."""

    def write(files: Mapping[str, bytes]) -> Path:
        folder = tmp_path / f"dataset-{len(list(tmp_path.iterdir()))}"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    return write
