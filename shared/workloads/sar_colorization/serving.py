"""An exported generator's answers, its scores against true optical images, and what is watched for drift."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headrace.images import as_base64, png
from headrace.workload import Arrays, BadData, Codec, Examples, Instance, Serving

from . import cache, descriptors
from .codec import FIELD, SceneCodec, eight_bits
from .scores import MEASURES


class _Scenes(Sequence[Instance]):
    """Cached tiles as a client would send them, made as they are asked for."""

    def __init__(self, sar: cache.Bytes) -> None:
        self._sar = sar

    def __len__(self) -> int:
        return len(self._sar)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[row] for row in range(*place.indices(len(self)))]
        return {FIELD: as_base64(png(self._sar[place], level=1))}


class _Serving:
    """NumPy and Pillow."""

    def open(self, export: Path) -> Codec:
        return SceneCodec()

    def examples(self, folder: Path) -> Examples:
        tiles = cache.read_tiles(folder)
        return Examples(_Scenes(tiles.sar), tiles.optical, {"terrain": tiles.terrain.astype(object)})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        made = [eight_bits(optical) for optical in outputs["optical"]]
        pairs = list(zip(made, labels, strict=True))
        return {name: np.array([measure(*pair) for pair in pairs], np.float64) for name, measure in MEASURES.items()}

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return {name: float(outcomes[name].astype(np.float64).mean()) for name in MEASURES}

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        return descriptors.columns(instances)

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [descriptors.described(instance) for instance in instances]

    def truth(self, labels: Sequence[str]) -> Any:
        raise BadData("the truth of a radar image is an optical image, which feedback does not carry")

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        raise BadData("the truth of a radar image is an optical image, not a label; upload the pair as s1 and s2 files")


serving: Serving = _Serving()
