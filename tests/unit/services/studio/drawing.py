"""A function that draws in; what Streamlit shows of it, without a browser, out."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest


def shown(draw: Callable[[], object], seconds: float = 30) -> AppTest:
    """What is on the page after its first run, in which nothing was raised."""
    page = AppTest.from_function(_script, kwargs={"draw": draw}, default_timeout=seconds).run()
    assert not page.exception, page.exception[0].value
    return page


def _script(draw: "Callable[[], object]") -> None:
    draw()
