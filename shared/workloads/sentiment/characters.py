"""Texts in; what their words and characters show of them in any language, for drift, out."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .tokenizer import words

Floats = npt.NDArray[np.float64]

_NAMES = ("words", "characters", "word_length", "letters", "digits", "punctuation", "upper_case", "non_ascii")


def columns(texts: Sequence[str]) -> dict[str, Floats]:
    """Columns (n,): two counts, the mean length of a word, and shares of a text's characters, spaces not counted.

    The share of upper case is of the letters.
    """
    table = np.array([_row(text) for text in texts], np.float64).reshape(len(texts), len(_NAMES))
    return dict(zip(_NAMES, table.T.copy(), strict=True))


def _row(text: str) -> tuple[float, ...]:
    found, solid = sum(1 for _ in words(text)), "".join(text.split())
    size, letters = len(solid), sum(map(str.isalpha, solid))
    digits, upper = sum(map(str.isdecimal, solid)), sum(map(str.isupper, solid))
    foreign = 0 if solid.isascii() else sum(character > "\x7f" for character in solid)
    shares = (letters, digits, size - letters - digits)
    return (
        found,
        len(text),
        size / max(found, 1),
        *(count / max(size, 1) for count in shares),
        upper / max(letters, 1),
        foreign / max(size, 1),
    )
