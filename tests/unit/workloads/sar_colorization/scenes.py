"""Pairs of images in the workload's layout, for tests."""

from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from headrace.images import Pixels, png

TILE = 256


def noise(seed: int, *shape: int) -> Pixels:
    """Pixels without any pattern."""
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def write_pair(
    folder: Path,
    terrain: str,
    scene: int,
    tile: int,
    sar: npt.ArrayLike | None = None,
    optical: npt.ArrayLike | None = None,
) -> tuple[Path, Path]:
    """Write the images, or noise, as tile `tile` of scene `scene`, and return where they are."""
    seed = crc32(f"{terrain} {scene} {tile}".encode())
    images = (
        noise(seed, TILE, TILE) if sar is None else np.asarray(sar, np.uint8),
        noise(seed + 1, TILE, TILE, 3) if optical is None else np.asarray(optical, np.uint8),
    )
    paths = tuple(folder / terrain / f"s{sensor}" / f"ROI_s{sensor}_{scene}_p{tile}.png" for sensor in (1, 2))
    for path, image in zip(paths, images, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(image, 1))
    return paths[0], paths[1]
