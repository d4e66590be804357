"""Up to 32 objects of one bucket in; one object with their bytes one after the other out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from starlette.requests import Request
from starlette.responses import Response

from localcloud.storage.blobs import BLOCK
from localcloud.storage.bodies import json_body, reply
from localcloud.storage.errors import invalid, unimplemented
from localcloud.storage.names import decoded, object_name
from localcloud.storage.objects import Draft
from localcloud.storage.preconditions import Preconditions
from localcloud.storage.query import Query
from localcloud.storage.records import JSON, StoredObject
from localcloud.storage.resource import object_resource
from localcloud.storage.service import Service
from localcloud.storage.uploads import upload_attributes

_MAX_SOURCES = 32
_FIELDS = {"kind", "sourceObjects", "destination", "deleteSourceObjects"}
_SOURCE_FIELDS = {"name", "generation", "objectPreconditions"}


class Compositions:
    """`objects.compose`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def compose(self, request: Request) -> Response:
        """POST …/compose. The destination's preconditions are held when the bytes are together."""
        query = Query(request, "ifGenerationMatch", "ifMetagenerationMatch")
        bucket = self._service.buckets.get(decoded(request.path_params["bucket"])).name
        name = object_name(decoded(request.path_params["object"]))
        wanted = await json_body(request)
        sources = self._sources(bucket, wanted)
        attributes = upload_attributes(wanted.get("destination") or {}, None)
        writer = self._service.blobs.create()
        try:
            with ExitStack() as opened:
                # Opened before the first await: a source deleted meanwhile stays readable.
                files = [opened.enter_context(self._service.blobs.open(source.blob)) for source in sources]
                await writer.extend(_contents(files))
            blob = replace(await writer.finish(), md5=None)
            draft = Draft(bucket, name, blob, attributes, sum(source.components or 1 for source in sources))
            with self._service.database.transaction():
                created = self._service.objects.finalize(draft, Preconditions.of(query))
                if wanted.get("deleteSourceObjects"):
                    self._delete(sources, name)
        except BaseException:
            self._service.blobs.discard(writer.id)
            raise
        return reply(request, object_resource(created, self._service.base_url))

    def _sources(self, bucket: str, wanted: JSON) -> list[StoredObject]:
        _refuse_unknown("compose field", wanted, _FIELDS)
        listed = wanted.get("sourceObjects")
        if not isinstance(listed, list) or not 1 <= len(listed) <= _MAX_SOURCES:
            count = len(listed) if isinstance(listed, list) else 0
            raise invalid(f"compose takes 1 to {_MAX_SOURCES} source objects, not {count}; compose in several steps")
        return [self._source(bucket, source) for source in listed]

    def _source(self, bucket: str, wanted: Any) -> StoredObject:
        if not isinstance(wanted, dict):
            raise invalid(f"a source object is named as {{'name': …}}, not {wanted!r}")
        _refuse_unknown("sourceObjects field", wanted, _SOURCE_FIELDS)
        conditions = wanted.get("objectPreconditions") or {}
        _refuse_unknown("objectPreconditions field", conditions, {"ifGenerationMatch"})
        generation, match = wanted.get("generation"), conditions.get("ifGenerationMatch")
        name = object_name(wanted.get("name"))
        source = self._service.objects.get(bucket, name, int(generation) if generation else None)
        Preconditions(generation_match=None if match is None else int(match)).check(source)
        return source

    def _delete(self, sources: list[StoredObject], destination: str) -> None:
        for name in {source.name for source in sources} - {destination}:
            if current := self._service.objects.find(sources[0].bucket, name):
                self._service.objects.delete(current)


async def _contents(files: list[BinaryIO]) -> AsyncIterator[bytes]:
    for file in files:
        while block := await asyncio.to_thread(file.read, BLOCK):
            yield block


def _refuse_unknown(what: str, given: JSON, known: set[str]) -> None:
    if unknown := sorted(given.keys() - known):
        raise unimplemented(f"{what} {unknown[0]!r}")
