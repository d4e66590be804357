"""Radar images in; tiles for the network, and its tiles as coloured images, out."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.images import Pixels, base64_bytes, decoded, grey, header, png, upright
from headrace.workload import Arrays, BadData, Field, Instance

from .tiling import Tiling

FIELD = "image"
MOST_PIXELS = 4_000_000
"""Of one scene: its tiles are coloured in one go."""

MOST_TILES = 128
"""Of all scenes that are coloured in one go; a long and narrow one has more of them than its pixels say."""

LEAST_SIDE = 16
_SHOWN = 60


class SceneCodec:
    """Images of any size to `sar` uint8 (n, 256, 256), and `optical` float32 (n, 3, 256, 256), 0 to 1, to PNGs."""

    fields: Sequence[Field] = (Field(FIELD, "image", "a radar image in grey"),)

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        """The tiles of all images, one image after the other. Raises BadData naming the row, when there are many."""
        tiles: list[Pixels] = []
        room = MOST_TILES
        for row, instance in enumerate(instances):
            try:
                tiles.append(_tiles(instance, room))
            except BadData as error:
                raise BadData(f"row {row}: {error}" if len(instances) > 1 else str(error)) from None
            room -= len(tiles[-1])
        return {"sar": np.concatenate(tiles)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        """One `{"image": a PNG file's bytes, "width": …, "height": …}` an instance, as large as what was sent."""
        answers, done = [], 0
        for instance in instances:
            width, height = upright(header(base64_bytes(instance[FIELD])))
            tiling = Tiling(height, width)
            blended = tiling.blended(outputs["optical"][done : done + len(tiling)].astype(np.float32))
            done += len(tiling)
            answers.append({FIELD: png(eight_bits(blended)), "width": width, "height": height})
        return answers


def pixels(instance: Instance) -> Pixels:
    """The radar image (h, w) of an instance. Raises BadData."""
    if not isinstance(instance, Mapping) or set(instance) != {FIELD}:
        sent = (
            ", ".join(str(name)[:_SHOWN] for name in islice(instance, 3))
            if isinstance(instance, Mapping)
            else type(instance).__name__
        )
        shown = sent[:_SHOWN] or "nothing"
        raise BadData(f'send {{"{FIELD}": a PNG or JPEG file in base64}} and nothing else, not {shown}')
    image = header(base64_bytes(instance[FIELD], FIELD), FIELD)
    width, height = upright(image)
    if min(height, width) < LEAST_SIDE:
        raise BadData(f"{FIELD} has {width}×{height} pixels; send {LEAST_SIDE} or more on each side")
    if height * width > MOST_PIXELS:
        raise BadData(f"{FIELD} has {width}×{height} pixels, more than {MOST_PIXELS:,}; send it in parts")
    return grey(decoded(image, FIELD))


def _tiles(instance: Instance, room: int) -> Pixels:
    """The tiles of an instance, of which there is room for so many."""
    scene = pixels(instance)
    tiling = Tiling(*scene.shape)
    if len(tiling) > room:
        height, width = scene.shape
        raise BadData(f"{FIELD} has {width}×{height} pixels, too many with the others; send it in parts")
    return tiling.cut(scene)


def eight_bits(optical: npt.NDArray[np.float32]) -> Pixels:
    """Colours (3, h, w) from 0 to 1 as pixels (h, w, 3)."""
    scaled: Pixels = np.clip(np.rint(optical * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(scaled)
