"""A `matchGlob` pattern in; a compiled regular expression for whole object names out."""

import re

from localcloud.storage.errors import invalid

_PIECE = re.compile(r"\*\*/?|\*|\?|\[!?[^\]]+\]|[{},]|\\.|.", re.DOTALL)
_WILD = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}


def glob_pattern(glob: str) -> re.Pattern[str]:
    """`*` and `?` stay within a folder, `**` crosses folders; `[a-z]`, `[!a]` and `{a,b}` as in a shell."""
    depth = 0
    parts: list[str] = []
    for piece in _PIECE.findall(glob):
        depth += (piece == "{") - (piece == "}")
        parts.append(_translated(piece, inside=depth > 0))
        if depth < 0:
            break
    if depth != 0:
        raise invalid(f"the glob {glob!r} has an unmatched brace")
    return re.compile("".join(parts), re.DOTALL)


def _translated(piece: str, *, inside: bool) -> str:
    if piece in _WILD:
        return _WILD[piece]
    if piece.startswith("[") and len(piece) > 1:
        body = piece[1:-1].replace("\\", r"\\")
        return f"[^{body[1:]}]" if body.startswith("!") else f"[{body}]"
    if piece == "{":
        return "(?:"
    if piece == "}":
        return ")"
    if piece == "," and inside:
        return "|"
    return re.escape(piece[1] if len(piece) == 2 and piece[0] == "\\" else piece)
