"""A bucket in; DVC's remote in it, where every content lies once under its hash, out."""

from base64 import b64decode
from pathlib import Path

from headrace.data.datasets import File
from headrace.dvc.checksums import md5_of
from headrace.errors import Exists, NotFound, Rejected
from headrace.ports import Objects, Stat


class Remote:
    """What `dvc push` writes and `dvc pull` reads, in the layout of DVC 3."""

    def __init__(self, store: Objects) -> None:
        self._store = store
        self.uri = store.uri("dvc")

    @staticmethod
    def name(hash: str) -> str:
        """The object that holds the content with this hash."""
        return f"dvc/files/md5/{hash[:2]}/{hash[2:]}"

    def find(self, hash: str) -> Stat | None:
        """The content's object, if the remote has it. Raises Rejected when something else lies there."""
        try:
            stat = self._store.stat(self.name(hash))
        except NotFound:
            return None
        if stat.md5 and b64decode(stat.md5).hex() != hash:
            place = self._store.uri(self.name(hash))
            raise Rejected(f"{place} is not the content that its name says; delete it and `dvc push` again")
        return stat

    def read(self, hash: str) -> bytes:
        """The content. Raises NotFound."""
        return self._store.read(self.name(hash))

    def copy(self, hash: str, bucket: Objects, file: File) -> None:
        """Have the content of `file` here; its bytes stay in Cloud Storage. Raises Rejected when they are gone."""
        if (file.bucket, file.object) == (self._store.bucket, self.name(hash)):
            return
        try:
            self._store.copy(self.name(hash), bucket, file.object, file.generation)
        except Exists:
            return
        except NotFound:
            place = f"{bucket.uri(file.object)}#{file.generation}"
            raise Rejected(f"{place} is gone or was overwritten; upload the dataset again") from None

    def upload(self, hash: str, path: Path) -> Stat:
        """Have the content of the local file here. Raises Rejected when that has another hash by now."""
        if md5_of(path).hex() != hash:
            raise Rejected(f"{path} is not what DVC tracks as {hash}; `dvc commit` tracks it as it is")
        try:
            return self._store.upload(self.name(hash), path, over=0)
        except Exists:
            return self._store.stat(self.name(hash))

    def write(self, hash: str, listing: bytes) -> None:
        """Have the listing of a folder here: last, since DVC takes it that the folder's files are here too."""
        try:
            self._store.create(self.name(hash), listing)
        except Exists:
            return
