"""A part of a page that may fail in; the part, or a sentence in its place until it is there again, out."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from headrace.errors import HeadraceError, NotFound, Unavailable

AGAIN_SECONDS = 5.0
_MISSED, _DRAWN = "outages.missed", "outages.drawn"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Draw what is inside; where a service is down or refuses, say so in a sentence that begins with `what`."""
    try:
        yield
    except Unavailable as error:
        st.session_state[_MISSED] = True
        end = "" if str(error).endswith((".", "?", "!")) else "."
        st.warning(f"{what} cannot be shown just now: {error}{end} It is asked for again.", icon=":material/cloud_off:")
    except NotFound as error:
        st.info(f"{what}: {error}", icon=":material/info:")
    except HeadraceError as error:
        st.error(f"{what}: {error}", icon=":material/error:")


@contextmanager
def repeated() -> Iterator[None]:
    """Draw a page; where a part of it could not be shown, draw it again in a few seconds."""
    st.session_state.pop(_MISSED, None)
    yield
    if st.session_state.pop(_MISSED, False):
        st.session_state[_DRAWN] = True
        _again()


@st.fragment(run_every=AGAIN_SECONDS)
def _again() -> None:
    """Its first run is part of the page's own."""
    if not st.session_state.pop(_DRAWN, False):
        st.rerun()
