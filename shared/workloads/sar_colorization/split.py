"""Pairs in; which of them are held out for the test, and the rule in words, out."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from .layout import Pair

TEST_SHARE = 0.2


def held_out(pairs: Sequence[Pair]) -> tuple[frozenset[Pair], str]:
    """The test pairs: whole scenes, as neighbouring tiles of one look alike; about a fifth of all pairs.

    Scenes come in an order that depends on their names alone, so that one stays on its side when others are added.
    """
    sizes = Counter(pair.scene for pair in pairs)
    if len(sizes) < 2:
        return _tiles(pairs), (
            "all pairs are of one scene, so a fifth of its own tiles are the test: expect less of other scenes than "
            "the scores say, and upload a second one"
        )
    scenes = _scenes(sizes)
    named = ", ".join(sorted(scenes)[:5]) + (", …" if len(scenes) > 5 else "")
    return (
        frozenset(pair for pair in pairs if pair.scene in scenes),
        f"tested on {len(scenes)} of {len(sizes)} scenes, which training does not see: {named}",
    )


def _scenes(sizes: Counter[str]) -> set[str]:
    """Every scene that still fits into the share, or the smallest where none does."""
    chosen: set[str] = set()
    room = TEST_SHARE * sizes.total()
    for scene in sorted(sizes, key=_place):
        if sizes[scene] <= room:
            chosen.add(scene)
            room -= sizes[scene]
    return chosen or {min(sizes, key=lambda scene: (sizes[scene], _place(scene)))}


def _tiles(pairs: Sequence[Pair]) -> frozenset[Pair]:
    ordered = sorted(pairs, key=lambda pair: _place(f"{pair.terrain}/{pair.name}"))
    return frozenset(ordered[: max(1, round(TEST_SHARE * len(pairs)))])


def _place(name: str) -> str:
    return sha256(name.encode()).hexdigest()
