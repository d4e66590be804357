"""The page "Models"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Models")
    st.caption(studio.person.name)
