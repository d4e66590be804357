"""`ifGenerationMatch` and its kin in; 412 or 304 out when they do not hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from starlette.datastructures import Headers

from localcloud.storage.errors import StorageError, unimplemented
from localcloud.storage.query import Query
from localcloud.storage.resource import etag

_KINDS = ("GenerationMatch", "GenerationNotMatch", "MetagenerationMatch", "MetagenerationNotMatch")
ON_OBJECT = tuple(f"if{kind}" for kind in _KINDS)
ON_SOURCE = tuple(f"ifSource{kind}" for kind in _KINDS)
ON_BUCKET = ("ifMetagenerationMatch", "ifMetagenerationNotMatch")
_ETAG_HEADERS = ("if-match", "if-none-match")


class Generational(Protocol):
    """Whatever has a generation and a metageneration: an object or a bucket."""

    @property
    def generation(self) -> int:
        """Of the data; 0 is no generation."""

    @property
    def metageneration(self) -> int:
        """Of the metadata, from 1 in each generation."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What must hold of the current resource; None asks nothing. Generation 0 means that there is none."""

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def of(cls, query: Query, prefix: str = "if") -> "Preconditions":
        """Read them from a query string; `prefix` is "if" or "ifSource"."""
        return cls(*(query.integer(f"{prefix}{kind}") for kind in _KINDS))

    def check(self, current: Generational | None, *, reading: bool = False) -> None:
        """Raise 412, or 304 for a `NotMatch` on a read, for the first one that does not hold."""
        for condition, negated, holds in self._verdicts(current):
            if not holds:
                raise _failed(condition, current, not_modified=reading and negated)

    def _verdicts(self, current: Generational | None) -> Iterator[tuple[str, bool, bool]]:
        generation = current.generation if current else 0
        metageneration = current.metageneration if current else None
        if (wanted := self.generation_match) is not None:
            yield f"ifGenerationMatch={wanted}", False, generation == wanted
        if (wanted := self.metageneration_match) is not None:
            yield f"ifMetagenerationMatch={wanted}", False, metageneration == wanted
        if (wanted := self.generation_not_match) is not None:
            yield f"ifGenerationNotMatch={wanted}", True, generation != wanted
        if (wanted := self.metageneration_not_match) is not None:
            yield f"ifMetagenerationNotMatch={wanted}", True, metageneration != wanted


def check_etags(headers: Headers, current: Generational) -> None:
    """Hold a read's `If-Match` and `If-None-Match` headers against the resource's etag."""
    tag = etag(current.generation, current.metageneration)
    wanted, unwanted = (_tags(headers.get(name)) for name in _ETAG_HEADERS)
    if wanted and tag not in wanted and "*" not in wanted:
        raise _failed("If-Match", current, not_modified=False)
    if tag in unwanted or "*" in unwanted:
        raise _failed("If-None-Match", current, not_modified=True)


def refuse_etags(headers: Headers) -> None:
    """501 for etag headers on a write; generations say the same there."""
    for name in _ETAG_HEADERS:
        if name in headers:
            raise unimplemented(f"{name} header on writes; use ifGenerationMatch")


def _tags(header: str | None) -> set[str]:
    return {tag.strip().removeprefix("W/").strip('"') for tag in (header or "").split(",")} - {""}


def _failed(condition: str, current: Generational | None, *, not_modified: bool) -> StorageError:
    state = "there is no such object"
    if current:
        state = f"it is at generation {current.generation}, metageneration {current.metageneration}"
    message = f"At least one of the pre-conditions you specified did not hold: {condition}; {state}"
    if not_modified:
        return StorageError(HTTPStatus.NOT_MODIFIED, "notModified", message)
    return StorageError(HTTPStatus.PRECONDITION_FAILED, "conditionNotMet", message)
