"""The page "Drift"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Drift")
    st.caption(studio.person.name)
