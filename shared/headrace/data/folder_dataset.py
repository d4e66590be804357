"""A folder in; the dataset that its files are, all of them there already, out."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FolderDataset:
    """Every file under `folder`."""

    folder: Path

    @property
    def names(self) -> list[str]:
        """Paths within the folder, with slashes, folder by folder."""
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [path.relative_to(self.folder).as_posix() for path in found]

    def path(self, name: str) -> Path:
        """Where the file lies."""
        return self.folder / name
