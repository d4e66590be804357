from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression

from workloads.cats_dogs import generator


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_draws_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generator.write_pictures(tmp_path / name, 4, seed, broken=True)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert tree(tmp_path / "a") != tree(tmp_path / "c")


def test_both_classes_have_as_many_pictures(tmp_path: Path) -> None:
    generator.write_pictures(tmp_path, 6)
    assert sorted(tree(tmp_path)) == [f"{name}s/{name}.{number}.jpg" for name in ("cat", "dog") for number in range(3)]


def test_dusk_is_darker_than_day(tmp_path: Path) -> None:
    for light in (1.0, 0.3):
        generator.write_pictures(tmp_path / str(light), 4, light=light)
    day, dusk = (
        np.mean([np.asarray(Image.open(path)).mean() for path in (tmp_path / name).rglob("*.jpg")])
        for name in ("1.0", "0.3")
    )
    assert dusk < 0.5 * day


def test_colours_and_contrast_do_not_tell_the_classes_apart(tmp_path: Path) -> None:
    generator.write_pictures(tmp_path, 160)
    paths = sorted(tmp_path.rglob("*.jpg"), key=lambda path: int(path.name.split(".")[1]))
    pixels = [np.asarray(Image.open(path), np.float64) / 255 for path in paths]
    moments = np.array([np.concatenate([each.mean((0, 1)), each.std((0, 1))]) for each in pixels])
    labels = np.array([path.name.startswith("dog") for path in paths])
    model = LogisticRegression(C=100).fit(moments[:80], labels[:80])
    assert model.score(moments[80:], labels[80:]) < 0.7
