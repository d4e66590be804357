import subprocess
import sys

import pytest

from headrace.workload import BadData
from tests.unit.workloads.cats_dogs.pictures import pets, zipped
from workloads.cats_dogs.intake import intake

HEAD = 1 << 20


def refused(name: str, head: bytes) -> str:
    with pytest.raises(BadData) as caught:
        intake.peek(name, head)
    assert name in str(caught.value)
    return str(caught.value)


def test_an_archive_of_pictures_is_accepted() -> None:
    intake.peek("pets.zip", zipped(pets(3))[:HEAD])


@pytest.mark.parametrize("head", [b"", b"PK\x05\x06" + bytes(18), b"Rar!\x1a\x07\x00", b"\x89PNG\r\n"])
def test_what_is_no_archive_is_refused(head: bytes) -> None:
    assert "zip" in refused("pets.zip", head)


@pytest.mark.parametrize("head", [b"", b"\xff\xd8\xff", b"<html>"])
def test_a_picture_in_a_class_folder_is_accepted_as_training_sets_damaged_ones_aside(head: bytes) -> None:
    intake.peek("PetImages/Cat/666.jpg", head)
    intake.peek("cat.7.jpg", head)
    intake.peek("test1/7.jpg", head)


@pytest.mark.parametrize("head", [b"", b"\xff\xd8\xff"])
def test_a_picture_by_itself_of_which_nothing_says_what_it_shows_is_refused(head: bytes) -> None:
    assert "folders named cats and dogs" in refused("IMG_2031.jpg", head)


def test_what_is_not_named_as_a_picture_is_refused() -> None:
    refused("cats/list.csv", b"a,b")


def test_the_module_needs_the_standard_library_only() -> None:
    code = "import sys, workloads.cats_dogs.intake; print('PIL' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
