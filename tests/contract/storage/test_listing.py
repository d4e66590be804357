"""Listing: order, folders, pages, offsets, globs."""

from typing import Any

import pytest

NAMES = [
    "a.csv",
    "data/",
    "data/2026/01/part-0.csv",
    "data/2026/01/part-1.csv",
    "data/2026/02/part-0.csv",
    "data/_SUCCESS",
    "models/m1.onnx",
    "z",
    "ü",
    "\U0001f600",
]


@pytest.fixture(scope="module")
def filled(client: Any) -> Any:
    bucket = client.create_bucket("listing-test")
    for name in reversed(NAMES):
        bucket.blob(name).upload_from_string(b"")
    return bucket


def _names(listing: Any) -> list[str]:
    return [blob.name for blob in listing]


def test_names_are_in_utf8_order(filled: Any) -> None:
    assert _names(filled.list_blobs()) == sorted(NAMES, key=str.encode)


@pytest.mark.parametrize("prefix", ["data/2026/", "data", "ü", "nothing", "m"])
def test_a_prefix_selects_names_that_begin_with_it(filled: Any, prefix: str) -> None:
    assert _names(filled.list_blobs(prefix=prefix)) == [name for name in NAMES if name.startswith(prefix)]


def test_a_delimiter_folds_folders(filled: Any) -> None:
    listing = filled.list_blobs(delimiter="/")
    assert _names(listing) == ["a.csv", "z", "ü", "\U0001f600"]
    assert listing.prefixes == {"data/", "models/"}
    inner = filled.list_blobs(prefix="data/", delimiter="/")
    assert _names(inner) == ["data/", "data/_SUCCESS"]
    assert inner.prefixes == {"data/2026/"}


def test_an_object_named_like_a_folder_is_listed_when_asked_for(filled: Any) -> None:
    listing = filled.list_blobs(delimiter="/", include_trailing_delimiter=True)
    assert "data/" in _names(listing)
    assert listing.prefixes == {"data/", "models/"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_together_are_the_whole(filled: Any, size: int) -> None:
    pages = [_names(page) for page in filled.list_blobs(page_size=size).pages]
    assert [name for page in pages for name in page] == NAMES
    assert all(len(page) <= size for page in pages)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_folders_name_each_folder_once(storage: Any, http: Any, filled: Any, size: int) -> None:
    found: list[str] = []
    token = None
    while True:
        query = {"delimiter": "/", "maxResults": size, "pageToken": token}
        page = http.get(f"{storage.url}/storage/v1/b/{filled.name}/o", params=query).json()
        results = page.get("prefixes", []) + [item["name"] for item in page.get("items", [])]
        assert 0 < len(results) <= size
        found += results
        token = page.get("nextPageToken")
        if token is None:
            break
    assert sorted(found) == sorted(["a.csv", "data/", "models/", "z", "ü", "\U0001f600"])


def test_max_results_ends_early(filled: Any) -> None:
    assert _names(filled.list_blobs(max_results=3)) == NAMES[:3]


def test_offsets_are_inclusive_and_exclusive(filled: Any) -> None:
    assert _names(filled.list_blobs(start_offset="data/_SUCCESS", end_offset="z")) == [
        "data/_SUCCESS",
        "models/m1.onnx",
    ]


@pytest.mark.parametrize(
    ("glob", "expected"),
    [
        ("*.csv", ["a.csv"]),
        ("**.csv", [name for name in NAMES if name.endswith(".csv")]),
        ("data/**/part-?.csv", [name for name in NAMES if "part" in name]),
        ("data/2026/0[1]/*", NAMES[2:4]),
        ("{a.csv,models/*}", ["a.csv", "models/m1.onnx"]),
        ("data/2026/0[!1]/**", NAMES[4:5]),
    ],
)
def test_globs(filled: Any, glob: str, expected: list[str]) -> None:
    assert _names(filled.list_blobs(match_glob=glob)) == expected


def test_a_made_up_page_token_is_refused(storage: Any, http: Any, filled: Any) -> None:
    url = f"{storage.url}/storage/v1/b/{filled.name}/o"
    assert http.get(url, params={"pageToken": "%%%"}).status_code == 400
