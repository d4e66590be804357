"""Radar images in; their colours as files, to look at and to keep, or the reasons why there are none, out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from zipfile import ZIP_STORED, ZipFile

from PIL import Image

from headrace.adapters.inference import Drawn
from headrace.errors import HeadraceError
from services.studio.reading import previews
from services.studio.reading.gallery import Picture
from services.studio.reading.placed import is_placed


@dataclass(frozen=True, slots=True)
class Colored:
    """One image before and after, as a browser shows them, and the file as the model drew it.

    `source` is what was sent, kept where it says where on Earth it is.
    """

    name: str
    source: bytes
    before: bytes
    after: bytes
    drawn: Drawn
    width: int
    height: int

    @property
    def file(self) -> str:
        """The name of the file that is kept."""
        return f"{PurePath(self.name).stem}-colored.png"


@dataclass(frozen=True, slots=True)
class Failed:
    """An image that has no colours, and why."""

    name: str
    why: str


def color(picture: Picture, ask: Callable[[Picture], Drawn]) -> Colored | Failed:
    """The colours of one image."""
    try:
        before = previews.radar(picture.data)
        drawn = ask(picture)
    except HeadraceError as error:
        return Failed(picture.name, str(error))
    with Image.open(BytesIO(drawn.png)) as image:
        width, height = image.size
    source = picture.data if is_placed(picture.data) else b""
    return Colored(picture.name, source, before, previews.drawn(drawn.png), drawn, width, height)


def zipped(all_of_them: Sequence[Colored]) -> bytes:
    """Every file under a name of its own; PNG is compressed already."""
    stream, taken = BytesIO(), set[str]()
    with ZipFile(stream, "w", ZIP_STORED) as file:
        for each in all_of_them:
            name = _free(each.file, taken)
            taken.add(name)
            file.writestr(name, each.drawn.png)
    return stream.getvalue()


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where another file has it already."""
    stem, ending, number, found = PurePath(name).stem, PurePath(name).suffix, 1, name
    while found in taken:
        number += 1
        found = f"{stem}-{number}{ending}"
    return found
