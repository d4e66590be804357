"""An exported model's answers, its scores on labelled pictures, and what is watched for drift and kept of uploads."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import numpy as np

from headrace.images import base64_bytes, descriptors
from headrace.workload import Arrays, Codec, Examples, Instance, Serving

from . import classes, dataset
from .codec import FIELD, PictureCodec, instance, picture
from .schema import CLASSES

_DESCRIPTORS = ("brightness", "contrast", "sharpness", "speckle")


class _Serving:
    """NumPy and Pillow only."""

    def open(self, export: Path) -> Codec:
        return PictureCodec.read(export)

    def examples(self, folder: Path) -> Examples:
        pixels, labels = dataset.read(folder)
        return Examples(dataset.Pictures(pixels), labels, {"class": np.array(CLASSES, object)[labels]})

    def outcomes(self, labels: Any, outputs: Arrays) -> Arrays:
        return classes.outcomes(labels, outputs["probabilities"])

    def metrics(self, outcomes: Arrays) -> dict[str, float]:
        return classes.scores(outcomes)

    def describe(self, instances: Sequence[Instance]) -> Arrays:
        found = [descriptors(picture(each)) for each in instances]
        return {name: np.array([each[name] for each in found], np.float64) for name in _DESCRIPTORS}

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [instance(picture(each)) for each in instances]

    def truth(self, labels: Sequence[str]) -> classes.Labels:
        return np.array([CLASSES.index(label) for label in classes.known(labels)], np.int64)

    def labelled(self, instances: Sequence[Instance], labels: Sequence[str]) -> bytes:
        stream = BytesIO()
        with ZipFile(stream, "w") as archive:
            for place, (each, label) in enumerate(zip(instances, classes.known(labels), strict=True)):
                archive.writestr(ZipInfo(f"{label}/{place:06d}.png"), base64_bytes(each[FIELD]))
        return stream.getvalue()


serving: Serving = _Serving()
