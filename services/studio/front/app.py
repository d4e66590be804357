"""What Streamlit runs for each look at a page: who looks is found out, then the page is drawn."""

from functools import partial
from pathlib import Path

import streamlit as st

from services.studio import outages, signing_in
from services.studio.menu import FIRST, PAGES
from services.studio.studio import Studio, platform

ART = Path(__file__).with_name("art")
ABOUT = "Headrace: drop data into a bucket; a better model is serving. What you decide here is recorded with your name."


def main() -> None:
    """One run of the script."""
    st.set_page_config("Headrace", ART / "mark.svg", layout="wide", menu_items={"About": ABOUT})
    st.logo(ART / "name.svg", size="large", icon_image=ART / "mark.svg")
    here = platform()
    studio = Studio(here, here.settings, signing_in.person(here.settings, st.context.headers))
    pages = [
        st.Page(partial(draw, studio), title=title, icon=icon, url_path=path, default=path == FIRST)
        for path, (title, icon, draw) in PAGES.items()
    ]
    chosen = st.navigation(pages)
    st.sidebar.caption(f"{studio.person.name}, {studio.person.role}")
    with outages.repeated():
        chosen.run()


main()
