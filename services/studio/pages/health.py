"""The page "Cost and health"."""

import streamlit as st
from services.studio.studio import Studio


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Cost and health")
    st.caption(studio.person.name)
