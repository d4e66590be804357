"""A document in; a page of HTML that needs nothing else, on a phone or on paper, by day or by night, out."""

from html import escape

from headrace.cards.document import Document, Part, Section

STYLE = """
:root { color-scheme: light dark; --ink: #1c2228; --dim: #5c6770; --line: #d9dee3; --back: #ffffff; --good: #0b6b3a;
  --bad: #9a3412; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --dim: #9aa5ae; --line: #343c44; --back: #14181c;
  --good: #5fd39a; --bad: #f5a36b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 46rem; background: var(--back); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
p { margin: .5rem 0; }
.about { color: var(--dim); }
.word { border-left: .25rem solid; padding: .1rem 0 .1rem .75rem; font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: normal; }
th { color: var(--dim); font-weight: 500; white-space: nowrap; }
td:last-child { overflow-wrap: anywhere; min-width: 6rem; }
"""


def render(document: Document) -> str:
    """The document as a page."""
    kind = "good" if document.good else "bad"
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(document.title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(document.title)}</h1>",
            f'<p class="about">{escape(document.about)}</p>',
            f'<p class="word {kind}">{escape(document.word)}</p>',
            *map(_section, document.sections),
            "</body></html>\n",
        ]
    )


def _section(section: Section) -> str:
    return "\n".join([f"<section><h2>{escape(section.title)}</h2>", *map(_part, section.parts), "</section>"])


def _part(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    head = "".join(f"<th>{escape(column)}</th>" for column in part.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in part.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
