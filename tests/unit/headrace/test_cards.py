"""How a card is written down, and that nothing in it is taken for a mark of its own."""

from html.parser import HTMLParser

from headrace.cards import html, markdown
from headrace.cards.document import Document, Section, Table

CARD = Document(
    title="<b>cards</b> & more",
    about="a_b *c*",
    word="Passed",
    good=True,
    sections=[Section("Scores", ["on 10 rows\nand more", Table(("score", "found"), [("a|b", "<script>1</script>")])])],
)


class Text(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown_shows_text_as_it_is() -> None:
    assert markdown.render(CARD) == (
        "# \\<b\\>cards\\</b\\> & more\n\n"
        "a\\_b \\*c\\*\n\n"
        "**Passed**\n\n"
        "## Scores\n\n"
        "on 10 rows and more\n\n"
        "| score | found |\n| --- | --- |\n| a\\|b | \\<script\\>1\\</script\\> |\n"
    )


def test_a_page_shows_text_as_it_is_closes_what_it_opens_and_needs_nothing_from_elsewhere() -> None:
    page = html.render(CARD)
    read = Text(page)
    assert read.open == []
    assert "<b>cards</b> & more" in read.text
    assert "<script>1</script>" in read.text
    assert not {"script", "link", "img", "b"} & set(read.tags)
    assert "url(" not in page
    assert "@import" not in page


def test_a_page_fits_a_phone_and_the_night() -> None:
    page = html.render(CARD)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "color-scheme: light dark" in page
    assert "prefers-color-scheme: dark" in page
    assert '<div class="wide"><table>' in page, "a wide table scrolls by itself"
