"""A fact in; one line for the terminal out."""

from rich.markup import escape

from headrace.events import Event
from headrace.records import wording
from headrace.records.wording import Words

_STYLES = {
    "plain": "bold",
    "good": "bold green",
    "doubtful": "bold yellow",
    "bad": "bold red",
    "notable": "bold magenta",
}


def line(fact: Event) -> str:
    """What happened, with rich's markup."""
    return styled(wording.words(fact))


def styled(words: Words) -> str:
    """Words with rich's markup."""
    if not words.head:
        return escape(words.rest)
    return f"[{_STYLES[words.tone]}]{escape(words.head)}[/] {escape(words.rest)}".rstrip()
