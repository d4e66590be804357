"""A part of a page that may fail in; the part, or a sentence in its place, out."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from headrace.errors import HeadraceError, NotFound, Unavailable


@contextmanager
def told(what: str) -> Iterator[None]:
    """Draw what is inside; where a service is down or refuses, say so in a sentence that begins with `what`."""
    try:
        yield
    except Unavailable as error:
        st.warning(f"{what} cannot be shown just now: {error}. The rest of the page goes on.", icon=":material/cloud_off:")
    except NotFound as error:
        st.info(f"{what}: {error}", icon=":material/info:")
    except HeadraceError as error:
        st.error(f"{what}: {error}", icon=":material/error:")
