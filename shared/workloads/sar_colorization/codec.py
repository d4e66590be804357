"""Radar images in; tiles for the network, and its tiles as coloured images, out."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from headrace.images import Backscatter, Pixels, backscatter, base64_bytes, header, may_lack_data, png, upright
from headrace.workload import Arrays, BadData, Field, Instance

from .tiling import MOST_OVERLAP, OVERLAP, Tiling

FIELD, SHARED, FADES = "image", "overlap", "blend"
MOST_PIXELS = 4_000_000
"""Of one scene: its tiles are coloured in one go."""

MOST_TILES = 128
"""Of all scenes that are coloured in one go; a long and narrow one has more of them than its pixels say."""

LEAST_SIDE = 16
_SHOWN = 60


class SceneCodec:
    """Images of any size to `sar` uint8 (n, 256, 256), and `optical` float32 (n, 3, 256, 256), 0 to 1, to PNGs."""

    fields: Sequence[Field] = (
        Field(FIELD, "image", "a radar image in grey, or a GeoTIFF of sigma nought"),
        Field(
            SHARED,
            "number",
            "pixels that neighbouring tiles share at least; more take longer and leave fewer seams",
            required=False,
            least=0,
            most=MOST_OVERLAP,
            steps=1,
            usual=OVERLAP,
        ),
        Field(FADES, "boolean", "whether tiles fade into each other where they overlap", required=False, usual=True),
    )

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
        """One `{"image": a PNG file's bytes, "width": …, "height": …}` an instance, as large as what was sent.

        Where there was no data, the image is transparent.
        """
        answers, done = [], 0
        for instance in instances:
            image = header(base64_bytes(instance[FIELD]))
            width, height = upright(image)
            tiling = _tiling(instance, height, width)
            joined = tiling.joined(outputs["optical"][done : done + len(tiling)].astype(np.float32, copy=False))
            done += len(tiling)
            known = _scene(instance).known if may_lack_data(image) else None
            colours = eight_bits(joined)
            seen = colours if known is None else np.dstack((colours, np.where(known, 255, 0).astype(np.uint8)))
            answers.append({FIELD: png(seen), "width": width, "height": height})
        return answers


def pixels(instance: Instance) -> Pixels:
    """The radar image (h, w) of an instance. Raises BadData."""
    return _scene(instance).grey


def eight_bits(optical: npt.NDArray[np.float32]) -> Pixels:
    """Colours (3, h, w) from 0 to 1 as pixels (h, w, 3)."""
    scaled: Pixels = np.clip(np.rint(optical * 255), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    return np.ascontiguousarray(scaled)


def _scene(instance: Instance) -> Backscatter:
    if not isinstance(instance, Mapping) or not {FIELD} <= set(instance) <= {FIELD, SHARED, FADES}:
        sent = (
            ", ".join(str(name)[:_SHOWN] for name in islice(instance, 3))
            if isinstance(instance, Mapping)
            else type(instance).__name__
        )
        shown = sent[:_SHOWN] or "nothing"
        raise BadData(
            f'send {{"{FIELD}": a PNG, JPEG or TIFF file in base64}} and nothing else but {SHARED} and {FADES}, not '
            f"{shown}"
        )
    image = header(base64_bytes(instance[FIELD], FIELD), FIELD)
    width, height = upright(image)
    if min(height, width) < LEAST_SIDE:
        raise BadData(f"{FIELD} has {width}×{height} pixels; send {LEAST_SIDE} or more on each side")
    if height * width > MOST_PIXELS:
        raise BadData(f"{FIELD} has {width}×{height} pixels, more than {MOST_PIXELS:,}; send it in parts")
    return backscatter(image, FIELD)


def _tiles(instance: Instance, room: int) -> Pixels:
    """The tiles of an instance, of which there is room for so many."""
    scene = pixels(instance)
    tiling = _tiling(instance, *scene.shape)
    if len(tiling) > room:
        height, width = scene.shape
        less = f" with an {SHARED} of {tiling.overlap}" if tiling.overlap > OVERLAP else ""
        raise BadData(f"{FIELD} has {width}×{height} pixels, too many with the others{less}; send it in parts")
    return tiling.cut(scene)


def _tiling(instance: Instance, height: int, width: int) -> Tiling:
    """How the image of an instance is cut. Raises BadData."""
    overlap, blend = instance.get(SHARED), instance.get(FADES)
    if overlap is None:
        overlap = OVERLAP
    if isinstance(overlap, bool) or not isinstance(overlap, int | float) or overlap not in range(MOST_OVERLAP + 1):
        raise BadData(f"{SHARED}: {_told(overlap)} is no whole number from 0 to {MOST_OVERLAP}")
    if blend is not None and not isinstance(blend, bool):
        raise BadData(f"{FADES}: {_told(blend)} is neither true nor false")
    return Tiling(height, width, int(overlap), blend is not False)


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    shown = repr(value) if not isinstance(value, int) or abs(value) < 10**_SHOWN else "a very long number"
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
