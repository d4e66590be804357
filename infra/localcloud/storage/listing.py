"""A bucket and list parameters in; one page of objects and prefixes out, with the token of the next."""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from localcloud.storage.errors import invalid
from localcloud.storage.objects import Objects
from localcloud.storage.records import StoredObject

_LAST_BEFORE_SURROGATES, _FIRST_AFTER_SURROGATES = 0xD7FF, 0xE000
MAX_RESULTS = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list request asks for. Offsets are names: `start` inclusive, `end` exclusive."""

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    end: str | None = None
    glob: re.Pattern[str] | None = None
    trailing_delimiter: bool = False
    versions: bool = False


@dataclass(slots=True)
class Page:
    """Up to the asked number of objects and prefixes together."""

    items: list[StoredObject] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next_token: str | None = None

    @property
    def count(self) -> int:
        """Results so far."""
        return len(self.items) + len(self.prefixes)


def list_page(objects: Objects, bucket: str, selection: Selection, token: str | None, limit: int) -> Page:
    """The page that `token` points at, or the first; a folder is one result, however much it holds."""
    page = Page()
    cursor: tuple[str, int] | None = _cursor(token) if token else (max(selection.prefix, selection.start), 0)
    while cursor is not None:
        cursor = _fill(page, objects, bucket, selection, cursor, limit)
    return page


def _fill(
    page: Page, objects: Objects, bucket: str, selection: Selection, cursor: tuple[str, int], limit: int
) -> tuple[str, int] | None:
    """Add results from `cursor` on; returns where to go on after a folder, None when the page is done."""
    for found in objects.scan(bucket, cursor, versions=selection.versions):
        if not _within(found.name, selection):
            return None
        if selection.glob and not selection.glob.fullmatch(found.name):
            continue
        if page.count == limit:
            page.next_token = _token(found.name, found.generation)
            return None
        folder = _folder(found.name, selection)
        if folder is None or (selection.trailing_delimiter and folder == found.name):
            page.items.append(found)
        if folder is not None:
            page.prefixes.append(folder)
            return _after_all(folder), 0
    return None


def _within(name: str, selection: Selection) -> bool:
    return name.startswith(selection.prefix) and (selection.end is None or name < selection.end)


def _folder(name: str, selection: Selection) -> str | None:
    if not selection.delimiter:
        return None
    at = name.find(selection.delimiter, len(selection.prefix))
    return None if at < 0 else name[: at + len(selection.delimiter)]


def _after_all(folder: str) -> str:
    """The least name, in UTF-8 order, that is greater than every name in `folder`."""
    stem = folder.rstrip("\U0010ffff")
    last = ord(stem[-1])
    return stem[:-1] + chr(_FIRST_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else last + 1)


def _token(name: str, generation: int) -> str:
    return urlsafe_b64encode(json.dumps([name, generation]).encode()).decode()


def _cursor(token: str) -> tuple[str, int]:
    try:
        name, generation = json.loads(urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise invalid(f"the pageToken {token!r} did not come from this server") from None
    return str(name), int(generation)
