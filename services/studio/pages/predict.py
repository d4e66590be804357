"""The page "Predict"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Predict")
    st.caption(studio.person.name)
