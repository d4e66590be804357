"""The page "Colorize"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Colorize")
    st.caption(studio.person.name)
