"""What Streamlit runs for each look at a page: who looks is found out, then the page is drawn."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from services.studio import signing_in
from services.studio.pages import colorize, data, drift, health, loop, models, predict
from services.studio.studio import Studio

from headrace import wiring

Drawn = Callable[[Studio], None]

PAGES: dict[str, tuple[str, str, Drawn]] = {
    "loop": ("Loop", ":material/autorenew:", loop.page),
    "models": ("Models", ":material/model_training:", models.page),
    "predict": ("Predict", ":material/bolt:", predict.page),
    "colorize": ("Colorize", ":material/palette:", colorize.page),
    "drift": ("Drift", ":material/trending_up:", drift.page),
    "data": ("Data", ":material/database:", data.page),
    "health": ("Cost and health", ":material/monitoring:", health.page),
}


def main() -> None:
    """One run of the script."""
    st.set_page_config(page_title="Headrace", page_icon=":material/water:", layout="wide")
    platform = wiring.on_gcp("mlflow_url", "inference_url")
    studio = Studio(platform, platform.settings, signing_in.person(platform.settings))
    pages = [
        st.Page(partial(draw, studio), title=title, icon=icon, url_path=path, default=path == "loop")
        for path, (title, icon, draw) in PAGES.items()
    ]
    st.navigation(pages).run()


main()
