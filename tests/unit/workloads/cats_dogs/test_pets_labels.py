import pytest

from workloads.cats_dogs.labels import place


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("cats/1.jpg", 0),
        ("PetImages/Dog/11702.jpg", 1),
        ("train/cats/cat.0.jpg", 0),
        ("cat.0.jpg", 0),
        ("train/dog.12499.jpg", 1),
        ("DOG_7.JPEG", 1),
        ("cat (3).png", 0),
        ("dogs/old/cats/x.jpg", 0),
        ("catalogue.jpg", None),
        ("doggy.jpg", None),
        ("test1/1.jpg", None),
        ("cats_dogs/test/17.jpg", None),
    ],
)
def test_folder_or_file_name_says_the_class(path: str, label: int | None) -> None:
    assert place(path).label == label


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("train/cats/1.jpg", "train"),
        ("a/Training_Set/dogs/1.jpg", "train"),
        ("test/cats/1.jpg", "test"),
        ("validation/cats/1.jpg", "validation"),
        ("cats/test.jpg", None),
        ("train/more/test/cats/1.jpg", "test"),
    ],
)
def test_the_nearest_folder_says_the_split(path: str, part: str | None) -> None:
    assert place(path).part == part


def test_a_file_named_for_the_other_class_contradicts_its_folder() -> None:
    assert place("cats/dog.4.jpg").contradicts_itself
    assert not place("cats/cat.4.jpg").contradicts_itself
    assert not place("cats/4.jpg").contradicts_itself
