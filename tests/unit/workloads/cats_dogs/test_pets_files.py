import struct
import zlib
from contextlib import ExitStack, suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData
from tests.unit.workloads.cats_dogs.pictures import written, zipped
from workloads.cats_dogs import files as module
from workloads.cats_dogs.files import files


def contents(dataset: Path) -> dict[str, bytes | str]:
    """What can be read by path, or what is said of it."""
    found: dict[str, bytes | str] = {}
    with ExitStack() as archives:
        for file in files(FolderDataset(dataset), archives):
            try:
                found[file.path] = file.read()
            except BadData as error:
                found[file.path] = str(error)
    return found


def test_files_in_folders_and_in_archives_are_found_alike(tmp_path: Path) -> None:
    dataset = written(tmp_path, {"cats/1.jpg": b"a", "more/pets.zip": zipped({"dogs/2.jpg": b"b", "dogs/3.jpg": b"c"})})
    assert contents(dataset) == {"cats/1.jpg": b"a", "more/pets/dogs/2.jpg": b"b", "more/pets/dogs/3.jpg": b"c"}


def test_what_operating_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    litter = {"__MACOSX/cats/._1.jpg": b"x", "cats/.DS_Store": b"x", "cats/Thumbs.db": b"x"}
    assert contents(written(tmp_path, {**litter, "pets.zip": zipped(litter)})) == {}


@pytest.mark.parametrize("name", ["../../escaped.jpg", "/etc/escaped.jpg", "..\\escaped.jpg", "cats/../../escaped.jpg"])
def test_a_name_that_points_outside_writes_nothing_anywhere(tmp_path: Path, name: str) -> None:
    dataset = written(tmp_path / "deep" / "dataset", {"pets.zip": zipped({name: b"x"})})
    assert list(contents(dataset).values()) == [b"x"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [dataset / "pets.zip"]


def test_an_archive_that_unpacks_out_of_proportion_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FREE_BYTES", 1 << 20)
    bomb = zipped({f"cats/{number}.jpg": bytes(1 << 20) for number in range(10)})
    with pytest.raises(BadData, match=r"pets\.zip would unpack to 10 files of 0\.0 GiB"):
        contents(written(tmp_path, {"pets.zip": bomb}))


def test_an_archive_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    with pytest.raises(BadData, match="4 files"):
        contents(written(tmp_path, {"pets.zip": zipped({f"{number}.jpg": b"x" for number in range(4)})}))


def test_a_file_larger_than_any_photo_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1 << 20)
    large = bytes((1 << 20) + 1)
    found = contents(written(tmp_path, {"cats/1.jpg": large, "pets.zip": zipped({"cats/2.jpg": large})}))
    assert found["cats/1.jpg"] == "cats/1.jpg has more than 1 MiB; save it smaller"
    assert found["pets/cats/2.jpg"] == "pets/cats/2.jpg has more than 1 MiB; save it smaller"


def test_a_damaged_member_spoils_no_other(tmp_path: Path) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as archive:
        archive.writestr("cats/1.jpg", b"first " * 50)
        archive.writestr("cats/2.jpg", b"other " * 50)
    damaged = stream.getvalue().replace(b"first first", b"first FIRST", 1)
    found = contents(written(tmp_path, {"pets.zip": damaged}))
    assert "pets/cats/1.jpg cannot be unpacked" in str(found["pets/cats/1.jpg"])
    assert found["pets/cats/2.jpg"] == b"other " * 50


def test_a_locked_member_is_said_to_be_locked(tmp_path: Path) -> None:
    data = bytearray(zipped({"cats/1.jpg": b"x" * 100}))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    assert "encrypted" in str(contents(written(tmp_path, {"pets.zip": bytes(data)}))["pets/cats/1.jpg"])


@pytest.mark.parametrize("cut", [10, 60, -30, -5])
def test_an_archive_cut_short_is_refused_with_its_name(tmp_path: Path, cut: int) -> None:
    data = zipped({f"cats/{number}.jpg": zlib.compress(struct.pack("d", number)) for number in range(4)})
    with pytest.raises(BadData, match=r"pets\.zip is not a ZIP archive"):
        contents(written(tmp_path, {"pets.zip": data[:cut]}))


def test_whatever_byte_of_an_archive_is_wrong_nothing_but_bad_data_comes_of_it(tmp_path: Path) -> None:
    data = zipped({"cats/1.jpg": b"cat" * 20, "dogs/1.jpg": b"dog" * 20})
    refused = 0
    for place in range(len(data)):
        dataset = written(tmp_path, {"pets.zip": data[:place] + bytes([data[place] ^ 0xA5]) + data[place + 1 :]})
        with suppress(BadData):
            contents(dataset)
            continue
        refused += 1
    assert 0 < refused < len(data)


def test_an_archive_compressed_in_a_way_that_is_not_supported_spoils_no_other_file(tmp_path: Path) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("cats/1.jpg", b"x" * 100)
    data = bytearray(stream.getvalue())
    for mark, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        data[data.index(mark) + method] = 97
    found = contents(written(tmp_path, {"pets.zip": bytes(data), "cats/2.jpg": b"y"}))
    assert "cannot be unpacked" in str(found["pets/cats/1.jpg"])
    assert found["cats/2.jpg"] == b"y"
