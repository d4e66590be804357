"""A working example in; payloads of every shape that JSON has, near the example and far from it, out."""

from collections.abc import Mapping
from io import BytesIO
from random import Random
from typing import Any

from hypothesis import strategies as st
from PIL import Image

Strategy = st.SearchStrategy[Any]

SPECIAL = (
    *("", " ", "\x00", "nan", "NaN", "-inf", "1e400", "0x10", "1_000", "१२", "½", "²", "'; --", "\u202e", "ﷺ" * 40),
    *("a" * 25_000, "a " * 12_000, "\u0301" * 3000, "😀" * 5000, "data:image/png;base64,", "data:,", "====", "AAAA"),
)
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "HSV", "LAB", "PA")
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO")

numbers: Strategy = st.one_of(
    st.integers(),
    st.integers(min_value=-(10**400), max_value=10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 5e-324, 1e30, -1e30, 3.4e38, -3.4e38, 1.7e308, 2**63, 2**64, -(2**63) - 1, 10**400]),
)
texts: Strategy = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(SPECIAL),
)
scalars: Strategy = st.one_of(st.none(), st.booleans(), numbers, texts)
anything: Strategy = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def mutated(example: Mapping[str, Any]) -> Strategy:
    """The example with some fields left out, some changed and some added."""
    names = sorted(example)
    return st.builds(
        lambda gone, changed, added: {k: v for k, v in example.items() if k not in gone} | changed | added,
        st.sets(st.sampled_from(names)),
        st.dictionaries(st.sampled_from(names), scalars | anything, max_size=3),
        st.just({}) | st.dictionaries(texts, scalars, max_size=2),
    )


def rows(example: Mapping[str, Any]) -> Strategy:
    """The example with every number of it changed: what a client may send that means well."""
    usual = st.one_of(st.none(), st.floats(-1e6, 1e6), numbers)
    return st.fixed_dictionaries(
        {name: usual if isinstance(value, int | float | None) else st.just(value) for name, value in example.items()}
    )


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """An image of any mode, size and format, whole or spoiled."""
    mode = draw(st.sampled_from(MODES))
    size = draw(st.tuples(st.integers(1, 80), st.integers(1, 80)))
    form = draw(st.sampled_from(FORMATS))
    shade = draw(st.integers(0, 255))
    data = _saved(mode, size, form, shade, draw(st.integers(0, 9)))
    for _ in range(draw(st.integers(0, 3))):
        place, byte = draw(st.integers(0, max(0, len(data) - 1))), draw(st.integers(0, 255))
        data = data[:place] + bytes([byte]) + data[place + 1 :]
    cut = draw(st.none() | st.integers(0, len(data)))
    return data[:cut]


def _saved(mode: str, size: tuple[int, int], form: str, shade: int, turned: int) -> bytes:
    """The file; in a mode that the format does not know, one that it does."""
    image = Image.frombytes("L", size, Random(shade).randbytes(size[0] * size[1]))
    exif = Image.Exif()
    exif[0x0112] = turned
    for wanted in (mode, "RGB"):
        stream = BytesIO()
        try:
            found = (
                image
                if wanted == "L"
                else image.convert("LA").convert(wanted)
                if wanted == "PA"
                else _as(image, wanted)
            )
            more = [found] if form in ("GIF", "TIFF", "WEBP") and shade % 2 else []
            found.save(stream, form, exif=exif, save_all=bool(more), append_images=more)
        except (OSError, ValueError, KeyError):
            continue
        return stream.getvalue()
    return b""


def _as(image: Image.Image, mode: str) -> Image.Image:
    through = {"PA": "LA", "1": "L", "P": "L", "LA": "L", "I": "L", "F": "L", "I;16": "L"}.get(mode, "RGB")
    return image.convert(through).convert(mode)
