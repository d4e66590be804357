"""Radar images in base64 in; tiles for the network, and its tiles as coloured images in base64, out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.images import Pixels, as_base64, from_base64, grey, png
from headrace.workload import Arrays, BadData, Instance

from .tiling import Tiling

FIELD = "image"
MOST_PIXELS = 4_000_000
"""Of one scene: its tiles are coloured in one go."""

LEAST_SIDE = 16


class SceneCodec:
    """Images of any size to `sar` uint8 (n, 256, 256), and `optical` float32 (n, 3, 256, 256), 0 to 1, to PNGs."""

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The tiles of all images, one image after the other. Raises BadData naming the row, when there are many."""
        tiles = []
        for row, instance in enumerate(instances):
            try:
                scene = pixels(instance)
            except BadData as error:
                raise BadData(f"row {row}: {error}" if len(instances) > 1 else str(error)) from None
            tiles.append(Tiling(*scene.shape).cut(scene))
        return {"sar": np.concatenate(tiles)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"image": …, "width": …, "height": …}` an instance, as large as what was sent."""
        answers, done = [], 0
        for instance in instances:
            width, height = from_base64(instance[FIELD]).size
            tiling = Tiling(height, width)
            blended = tiling.blended(outputs["optical"][done : done + len(tiling)].astype(np.float32))
            done += len(tiling)
            answers.append({FIELD: as_base64(png(eight_bits(blended))), "width": width, "height": height})
        return answers


def pixels(instance: Instance) -> Pixels:
    """The radar image (h, w) of an instance. Raises BadData."""
    if not isinstance(instance, Mapping) or set(instance) != {FIELD}:
        sent = ", ".join(map(str, instance)) if isinstance(instance, Mapping) else type(instance).__name__
        raise BadData(f'send {{"{FIELD}": a PNG or JPEG file in base64}} and nothing else, not {sent or "nothing"}')
    scene = grey(from_base64(instance[FIELD]))
    height, width = scene.shape
    if min(height, width) < LEAST_SIDE:
        raise BadData(f"{FIELD} has {width}×{height} pixels; send {LEAST_SIDE} or more on each side")
    if height * width > MOST_PIXELS:
        raise BadData(f"{FIELD} has {width}×{height} pixels, more than {MOST_PIXELS:,}; send it in parts")
    return scene


def eight_bits(optical: npt.NDArray[np.float32]) -> Pixels:
    """Colours (3, h, w) from 0 to 1 as pixels (h, w, 3)."""
    scaled: Pixels = np.clip(np.rint(optical * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(scaled)
