"""A page that somebody else's program wrote in; the page in a frame that it cannot reach out of, out.

Streamlit's own frame lets what is in it act as the studio. This is a frame within it that may run scripts, and is of no
origin: what it holds cannot read the studio, or ask it anything as the person who looks.
"""

from html import escape

import streamlit as st

FRAME = """<!DOCTYPE html><html><head><style>
html, body {{ margin: 0; height: 100%; }}
iframe {{ border: 0; width: 100%; height: 100%; background: #fff; }}
</style></head><body><iframe sandbox="allow-scripts allow-popups" referrerpolicy="no-referrer"
title="{title}" srcdoc="{page}"></iframe></body></html>"""


def embed(page: str, title: str, height: int) -> None:
    """Draw the page, with its scripts, so many pixels high."""
    st.iframe(framed(page, title), height=height, alt=title)


def framed(page: str, title: str) -> str:
    """The page in its frame."""
    return FRAME.format(title=escape(title, quote=True), page=escape(page, quote=True))
