"""The page "Data"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Data")
    st.caption(studio.person.name)
