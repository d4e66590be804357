"""A document in; Markdown, as GitHub and MLflow show it, out."""

import re

from headrace.cards.document import Document, Part, Section

_MEANT = re.compile(r"([\\`*_{}\[\]<>#|])")


def render(document: Document) -> str:
    """The document as Markdown; nothing in its text is taken for a mark."""
    head = [f"# {_plain(document.title)}", _plain(document.about), f"**{_plain(document.word)}**"]
    return "\n\n".join([*head, *(_section(section) for section in document.sections)]) + "\n"


def _section(section: Section) -> str:
    return "\n\n".join([f"## {_plain(section.title)}", *map(_part, section.parts)])


def _part(part: Part) -> str:
    if isinstance(part, str):
        return _plain(part)
    lines = [part.columns, ["---"] * len(part.columns), *part.rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text if text == "---" else _plain(text)


def _plain(text: str) -> str:
    return _MEANT.sub(r"\\\1", " ".join(text.split()))
