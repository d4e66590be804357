"""The first bytes of an uploaded file in; nothing out, or BadData when no picture of a class can be in it."""

from headrace.workload import BadData, Intake

from .labels import PICTURES, place

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_LAYOUT = "put the pictures into folders named cats and dogs, or name them cat.0.jpg and dog.0.jpg"


class _Intake:
    """A damaged picture among others is set aside later; here only what spoils the whole upload is refused."""

    def peek(self, name: str, head: bytes) -> None:
        if name.lower().endswith(".zip"):
            _check_zip(name, head)
        elif not name.lower().endswith(PICTURES):
            raise BadData(f"{name} is not named as a picture; leave it out or name it {', '.join(PICTURES[:3])}, …")
        elif "/" not in name and place(name).label is None:
            what = "is empty and" if not head else "is a picture that"
            raise BadData(f"{name} {what} nothing says is of a cat or a dog; {_LAYOUT}")


def _check_zip(name: str, head: bytes) -> None:
    if not head:
        raise BadData(f"{name} is empty; {_LAYOUT}, and zip them")
    if head.startswith(_EMPTY_ZIP):
        raise BadData(f"{name} is an archive without a file; {_LAYOUT}, and zip them")
    if not head.startswith(_ZIP):
        raise BadData(f"{name} starts with {head[:8]!r} and is not a ZIP archive; zip the folders again")


intake: Intake = _Intake()
