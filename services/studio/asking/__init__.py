"""The inference service as the studio asks it: with its own identity, and the key of who looks where one is wanted."""

import streamlit as st

from headrace.adapters.inference import Inference
from headrace.settings import Settings
from services.studio.studio import Studio

KEY = "asking.key"
"""Where the page keeps the key that a person typed, for as long as the page is open."""

_MOST_CLIENTS = 32


def inference(studio: Studio) -> Inference:
    """The client, one for everybody with the same key, so that connections are kept."""
    return _client(studio.where, studio.where.inference_url, str(st.session_state.get(KEY, "")))


@st.cache_resource(max_entries=_MOST_CLIENTS, show_spinner=False)
def _client(_where: Settings, address: str, key: str) -> Inference:  # noqa: ARG001 - one for each address
    return Inference(_where, key)
