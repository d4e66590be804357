"""A folder in; a training that is followed in it instead of on the platform: curves, pictures, the last checkpoint."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from headrace.workload import World

CURVES = "curves.json"


class FolderRun:
    """One training by itself. A later one with the same folder goes on from what was saved."""

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None, world: World | None = None) -> None:
        self.world = world or World()
        self.stopping = False
        self.curves: list[dict[str, float]] = []
        self._folder, self._say = folder, say

    def progress(self, share: float, words: str) -> None:
        """Say it."""
        self._say(f"{share:4.0%} {words}")

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """One entry of `curves.json` a step."""
        if self.world.rank or any(point["step"] == step for point in self.curves):
            return
        self.curves.append({"step": step, **values})
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / CURVES).write_text(json.dumps(self.curves, indent=1))

    def picture(self, name: str, png: bytes) -> None:
        """A file under `pictures/`."""
        path = self._folder / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)

    def restore(self) -> Path | None:
        """What was saved last, and the curves up to there."""
        saved = self._folder / "checkpoint"
        if not saved.is_dir():
            return None
        if (self._folder / CURVES).is_file():
            self.curves = json.loads((self._folder / CURVES).read_text())
        return saved

    def save(self, folder: Path, step: int) -> None:
        """Replace what was saved before."""
        saved, new = self._folder / "checkpoint", self._folder / f"checkpoint-{step}"
        shutil.copytree(folder, new, dirs_exist_ok=True)
        shutil.rmtree(saved, ignore_errors=True)
        new.rename(saved)

    def move_curves(self, folder: Path) -> None:
        """Write the curves and pictures to `folder`."""
        (folder / CURVES).write_text(json.dumps(self.curves, indent=1))
        if (self._folder / "pictures").is_dir():
            shutil.copytree(self._folder / "pictures", folder / "pictures")
