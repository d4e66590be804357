"""One bucket as a port, on Cloud Storage's client."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from requests import RequestException
from requests.adapters import HTTPAdapter

from headrace.adapters.hasty import Hasty
from headrace.errors import Exists, NotFound, Unavailable
from headrace.ports import Objects, Stat

CONNECTIONS = 48
"""Kept open for as many threads. `requests` keeps 10, and opens another for each request beyond them."""

RANGE = 8 << 20
"""Bytes of an opened object that are asked for at once."""


class Bucket:
    """A bucket of one project, or of whatever answers at `endpoint` (a URL).

    With `patience` an answer is waited for so many seconds, and nothing is asked twice.
    """

    def __init__(self, bucket: str, project: str, endpoint: str = "", patience: float = 0.0) -> None:
        self.bucket = bucket
        self._address = (bucket, project, endpoint, patience)
        self._client = _client(project, endpoint, patience)
        self._bucket = self._client.bucket(bucket)
        self._again: Any = {"retry": None} if patience else {}

    def __reduce__(self) -> tuple[type["Bucket"], tuple[str, str, str, float]]:
        """Another process gets the bucket as its address, and connects by itself."""
        return Bucket, self._address

    def uri(self, name: str) -> str:
        """The object's `gs://` address."""
        return f"gs://{self.bucket}/{name}"

    def link(self, name: str) -> str:
        """Where a browser finds the object, for whom Google knows as somebody who may read it."""
        *_, endpoint = self._address
        if endpoint:
            return f"{endpoint}/storage/v1/b/{self.bucket}/o/{quote(name, safe='')}?alt=media"
        return f"https://storage.cloud.google.com/{self.bucket}/{quote(name)}"

    def stat(self, name: str) -> Stat:
        """Raises NotFound."""
        with self._translated(name):
            blob = self._bucket.get_blob(name, **self._again)
        if blob is None:
            raise NotFound(f"there is no {self.uri(name)}")
        return _stat(blob)

    def list(self, prefix: str, after: str | None = None) -> Iterator[Stat]:
        """Objects under `prefix` in the order of their names, from the name `after` on where one is given."""
        with self._translated(prefix):
            for blob in self._client.list_blobs(self._bucket, prefix=prefix, start_offset=after, **self._again):
                yield _stat(blob)

    def read(self, name: str, limit: int | None = None) -> bytes:
        """The content, or its first `limit` bytes. Raises NotFound."""
        end = None if limit is None else limit - 1
        with self._translated(name):
            try:
                blob = self._bucket.blob(name)
                return bytes(blob.download_as_bytes(end=end, single_shot_download=True, **self._again))
            except exceptions.RequestRangeNotSatisfiable:
                return b""

    @contextmanager
    def open(self, name: str, generation: int) -> Iterator[BinaryIO]:
        """That generation as a file, read by ranges. Raises NotFound when it is gone."""
        blob = self._bucket.blob(name, generation=generation)
        with self._translated(name), blob.open("rb", chunk_size=RANGE) as file:
            yield file

    def write(self, name: str, data: bytes, over: int | None = None) -> int:
        """Create or replace, and return the generation; with `over`, replace only that generation."""
        blob = self._bucket.blob(name)
        with self._translated(name):
            blob.upload_from_string(data, if_generation_match=over, **self._again)
        return int(blob.generation)

    def create(self, name: str, data: bytes) -> None:
        """Create. Raises Exists when the object is there."""
        self.write(name, data, over=0)

    def upload(self, name: str, path: Path, metadata: Mapping[str, str] | None = None, over: int | None = None) -> Stat:
        """Create or replace from a file, streamed; with `over`, replace only that generation."""
        blob = self._bucket.blob(name)
        blob.metadata = dict(metadata) if metadata else None
        with self._translated(name):
            blob.upload_from_filename(str(path), if_generation_match=over, **self._again)
        return _stat(blob)

    def copy(self, name: str, source: Objects, original: str, generation: int) -> None:
        """Create from an object of another bucket; a large one takes the service several calls."""
        blob = self._bucket.blob(name)
        from_blob = self._client.bucket(source.bucket).blob(original, generation=generation)
        with self._translated(name, source.uri(original)):
            token, _, _ = blob.rewrite(from_blob, if_generation_match=0)
            while token:
                token, _, _ = blob.rewrite(from_blob, token=token, if_generation_match=0)

    def download(self, name: str, path: Path, generation: int | None = None) -> None:
        """Stream to a file, checksums verified. Raises NotFound when that generation is gone."""
        with self._translated(name):
            self._bucket.blob(name, generation=generation).download_to_filename(str(path), checksum="crc32c")

    @contextmanager
    def _translated(self, name: str, needed: str = "") -> Iterator[None]:
        try:
            yield
        except exceptions.NotFound as error:
            raise NotFound(f"there is no {needed or self.uri(name)}") from error
        except exceptions.PreconditionFailed as error:
            raise Exists(f"{self.uri(name)} is there already") from error
        except (exceptions.GoogleAPIError, ConnectionError, RequestException) as error:
            raise Unavailable(f"Cloud Storage failed on {self.uri(name)}: {error}") from error


def _client(project: str, endpoint: str, patience: float) -> storage.Client:
    if endpoint:
        options = {"api_endpoint": endpoint}
        client = storage.Client(project=project, credentials=AnonymousCredentials(), client_options=options)
    else:
        client = storage.Client(project=project)
    for scheme in ("https://", "http://"):
        steady = HTTPAdapter(pool_maxsize=CONNECTIONS)
        client._http.mount(scheme, Hasty(patience, pool_maxsize=CONNECTIONS) if patience else steady)
    return client


def _stat(blob: Any) -> Stat:
    return Stat(
        name=blob.name,
        generation=int(blob.generation),
        size=int(blob.size),
        crc32c=blob.crc32c,
        updated=blob.updated,
        md5=blob.md5_hash,
        metadata=blob.metadata or {},
    )
