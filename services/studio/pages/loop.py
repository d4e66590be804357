"""The page "Loop"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Loop")
    st.caption(studio.person.name)
