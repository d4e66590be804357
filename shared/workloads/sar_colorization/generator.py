"""Scenes, tiles and a seed in; invented pairs of images in the real layout, the same for the same three, out."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from headrace.images import png

from .ground import TERRAINS, ground
from .rendering import Season, optical, radar


def write_scene(folder: Path, scene: int, tiles: Mapping[str, int], seed: int = 0) -> None:
    """Write one scene below `folder/v_2`, with so many tiles of each terrain."""
    season = Season.of(np.random.default_rng((seed, scene)))
    for terrain, count in tiles.items():
        kind = list(TERRAINS).index(terrain)
        for tile in range(1, count + 1):
            random = np.random.default_rng((seed, scene, kind, tile))
            place = ground(terrain, random)
            for sensor, render in ((1, radar), (2, optical)):
                path = folder / "v_2" / terrain / f"s{sensor}" / f"synthetic_s{sensor}_{scene}_p{tile}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(png(render(*place, season, random)))


def write(folder: Path, scenes: int, tiles: int, seed: int = 0) -> None:
    """Write `scenes` scenes, each with `tiles` tiles of every terrain."""
    for scene in range(1, scenes + 1):
        write_scene(folder, scene, dict.fromkeys(TERRAINS, tiles), seed)


def sample(folder: Path) -> None:
    """Write a dataset to `folder` that is just large enough: three tiles of one scene and one of another."""
    write_scene(folder, 1, {"agri": 1, "barrenland": 1, "grassland": 1})
    write_scene(folder, 2, {"grassland": 1})


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m workloads.sar_colorization.generator", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=5)
    parser.add_argument("--tiles", type=int, default=4, help="of each terrain in each scene")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    write(chosen.folder, chosen.scenes, chosen.tiles, chosen.seed)


if __name__ == "__main__":
    _main()
