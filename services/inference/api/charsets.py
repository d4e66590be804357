"""Bytes and the charset that came with them in; text, or a refusal that says where they are something else, out."""

import codecs

from services.inference.web.answers import Refused

USUAL = "utf-8"
KNOWN = frozenset(
    (
        "utf-8 utf-16 utf-16-le utf-16-be ascii big5 gb18030 gbk gb2312 shift_jis euc_jp euc_kr iso2022_jp koi8-r "
        "koi8-u iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 "
        "iso8859-13 iso8859-14 iso8859-15 iso8859-16 cp874 "
        "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258"
    ).split()
)
"""Python's names of what texts are written in; Python knows more, some of which take long over a short text."""


def text(data: bytes, charset: str = USUAL, name: str = "the body") -> str:
    """The text that `data`, called `name`, holds. Raises Refused."""
    try:
        codec = codecs.lookup(charset).name
    except (LookupError, ValueError):
        codec = ""
    if codec not in KNOWN:
        raise Refused(415, f"the charset of {name} is {charset[:40]!r}, which is not known; send {USUAL}")
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        wrong = data[error.start : error.start + 1].hex()
        sentence = f"{name} is not {charset} (byte {wrong} at {error.start}); send {USUAL} or name its charset"
        raise Refused(400, sentence) from None
