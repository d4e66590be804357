"""An exported model's answers, its scores on labelled pictures, and what is watched for drift and kept of uploads."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np

from headrace.images import base64_bytes
from headrace.workload import Arrays, BadData, Codec, Examples, Instance, Serving

from . import cache
from .codec import PictureCodec, read_encoding
from .curves import Floats, Truth
from .instances import DESCRIPTORS, IMAGE, described, thumbnail
from .labels import CLASSES
from .metrics import scores

_SMALL = 200
"""Pictures whose shorter side has fewer pixels are a slice of their own."""


class _Serving:
    """NumPy and Pillow only."""

    def open(self, export: Path) -> Codec:
        return PictureCodec(read_encoding(export))

    def examples(self, folder: Path) -> Examples:
        split = cache.read(folder)
        sizes = np.where(split.sizes.min(axis=1) < _SMALL, "small", "large").astype(object)
        return Examples(cache.as_sent(split), split.labels, {"size": sizes})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return {"p": outputs["probabilities"][:, 1].astype(np.float64), "y": np.asarray(labels, np.bool_)}

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return scores(cast(Floats, outcomes["p"]), cast(Truth, outcomes["y"]))

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        rows = [described(instance) for instance in instances]
        return {name: np.array([row[name] for row in rows], np.float64) for name in DESCRIPTORS}

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [thumbnail(instance) for instance in instances]

    def truth(self, labels: Sequence[str]) -> Any:
        if unknown := set(labels) - set(CLASSES):
            raise BadData(f"{min(unknown)!r} is not a picture's label; it is one of {', '.join(CLASSES)}")
        return np.array([CLASSES.index(label) for label in labels], np.int64)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        """A ZIP of class folders."""
        stream = BytesIO()
        with ZipFile(stream, "w", ZIP_STORED) as archive:
            for place, (instance, label) in enumerate(zip(instances, labels, strict=True)):
                if label not in CLASSES:
                    raise BadData(f"{label!r} is not a picture's label; it is one of {', '.join(CLASSES)}")
                archive.writestr(ZipInfo(f"{label}s/{place:06d}.jpg"), base64_bytes(instance[IMAGE]))
        return stream.getvalue()


serving: Serving = _Serving()
