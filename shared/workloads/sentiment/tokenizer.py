"""A text in any script in; its words in lower case, contractions parted as the Penn Treebank does, out."""

import re
import unicodedata
from collections.abc import Iterator

URL, EMAIL, USER, NUMBER = "<url>", "<email>", "<user>", "<number>"

MOST_CHARACTERS = 20_000
"""Characters of a text that are looked at; what comes after them is not."""

_QUOTES = {0x2018: "'", 0x2019: "'", 0xB4: "'", 0x2BC: "'", 0x201C: '"', 0x201D: '"'}
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0xFE0E, 0xFE0F, 0xFEFF, *_SKIN_TONES))
_TYPOGRAPHY = {**_QUOTES, **_INVISIBLE}
_PIECE = 1000  # normalizing takes the square of the length of a run of combining marks
_LONG_RUN = re.compile(r"(\D)\1{3,}")

# Scripts that are written without spaces: each of their characters is a word.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
# Words are made of all that is no space, punctuation or symbol, for in many scripts combining marks belong to them.
_SIGNS = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u037e\u055a-\u055f\u0589\u058a"
    r"\u05be\u05c0\u05c3\u060c\u060d\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1360-\u1368\u2000-\u206f\u20a0-\u20cf"
    r"\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3020\u3030\ufe00-\ufe6f\ufffc-\uffff\U0001f000-\U0001faff"
)
_LETTERS = rf"[^\s\x00-\x1f\x7f-\x9f{_SIGNS}{_UNSPACED}]+"

_TOKEN = re.compile(
    rf"""
    (?P<url>(?:https?://|www\.)\S+)
  | (?P<email>[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+)
  | (?P<user>@\w+)
  | (?P<heart><+/?3+(?!\w))
  | (?P<face>(?<!\d)(?P<eyes>[:;=])[-o'^]?(?P<mouth>[)(\]\[}}{{|*]+|[/\\]+(?![\w/])
      |(?<!\w[:;=])(?<!\w[:;=][-o'^])[dpo](?!\w)))
  | (?P<mirrored>(?P<lips>[)(\]\[}}{{])[-o'^]?[:;=](?![\w)(]))
  | (?P<number>\d+(?:[.,:/]\d+)*(?![^\W_]))
  | (?P<word>{_LETTERS}(?:'{_LETTERS})*)
  | (?P<ending>'(?:s|m|re|ve|ll|d|t)(?!\w))
  | (?P<syllable>[{_UNSPACED}])
  | (?P<sign>[^\s\x00-\x1f\x7f-\x9f])(?P=sign)*
    """,
    re.VERBOSE,
)
_MARKS = {"url": URL, "email": EMAIL, "user": USER, "heart": "<3"}
_MOUTHS = str.maketrans("]}[{\\", "))((/")
_MIRRORED = str.maketrans("()[]{}", ")()()(")
_RATING = re.compile(r"\d{1,2}(?:[./]\d{1,2})?")
_CONTRACTIONS = ("n't", "'s", "'m", "'re", "'ve", "'ll", "'d")
_MOST_CONTRACTED = 3


def words(text: str) -> Iterator[str]:
    """The words of `text`, found one by one.

    Addresses and long numbers become marks, an emoticon loses its nose, and what is repeated for emphasis is kept
    three times.
    """
    for found in _TOKEN.finditer(_plain(text)):
        kind, word = found.lastgroup or "", found.group()
        if kind == "word":
            yield from _parted(word) if "'" in word else (word,)
        elif kind in _MARKS:
            yield _MARKS[kind]
        elif kind == "face":
            yield found["eyes"].replace("=", ":") + found["mouth"][0].translate(_MOUTHS)
        elif kind == "mirrored":
            yield ":" + found["lips"].translate(_MIRRORED)
        elif kind == "number" and not _RATING.fullmatch(word):
            yield NUMBER
        else:
            yield word


def _plain(text: str) -> str:
    text = text[:MOST_CHARACTERS]
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
        pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
        text = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces)
    return _LONG_RUN.sub(r"\1\1\1", text.lower())


def _parted(word: str) -> list[str]:
    """`couldn't've` as could, n't, 've."""
    endings: list[str] = []
    for _ in range(_MOST_CONTRACTED):
        ending = next((each for each in _CONTRACTIONS if word.endswith(each) and word != each), None)
        if ending is None:
            break
        word = word.removesuffix(ending)
        endings.insert(0, ending)
    return [word, *endings]
