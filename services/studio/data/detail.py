"""One dataset version, on the page "Data": its card, its files, and what became of it."""

import re

import streamlit as st

from headrace.data.datasets import Manifest
from services.studio.linking import Links
from services.studio.reading import data as reading
from services.studio.reading.data import Detail, Made, Use
from services.studio.studio import Studio
from services.studio.wording import at, plain

MOST_FILES = 500
CARD = "data-card"
NARROW = f"<style>.st-key-{CARD} table {{ display: block; max-width: 100%; overflow-x: auto; }}</style>"
"""On a narrow screen a wide table is moved sideways by itself."""
_HEADING = re.compile(r"^(#+ )", re.MULTILINE)


def draw(studio: Studio, made: Made, use: Use | None) -> None:
    """Under the table."""
    manifest = made.manifest
    detail = _detail(studio, manifest)
    with st.container(border=True):
        st.markdown(f"##### `{made.dataset}`")
        st.markdown(_story(made, use, detail, Links(studio.where)))
        card, files = st.tabs(
            [":material/description: Data card", f":material/folder: Files ({len(manifest.files):,})"]
        )
        with card:
            _card(manifest, detail)
        with files:
            _files(manifest)


def _story(made: Made, use: Use | None, detail: Detail, links: Links) -> str:
    """What is known of it in a few sentences."""
    manifest = made.manifest
    said = [f"Made {at(made.at)} from `{manifest.source.partition('#')[0]}`."]
    if detail.uploader:
        said.append(f"Uploaded by **{plain(detail.uploader)}**: “{plain(detail.reason)}”.")
    if made.parent:
        parent = f"[`{made.parent}`]({links.dataset(manifest.workload, made.parent)})"
        said.append(f"It is {parent} with `{manifest.files[-1].name}` added.")
    if detail.testset:
        rows = f", {use.test_rows:,} rows" if use and use.test_rows is not None else ""
        said.append(f"Models are judged on test set `{detail.testset}`{rows}, frozen with it.")
    if detail.rotated:
        said.append(f"{detail.rotated} earlier test set{'s were' if detail.rotated != 1 else ' was'} put aside.")
    if use:
        versions = (f"[{number}]({links.version(manifest.workload, number)})" for number in use.models)
        said.append(f"Trained on it: version{'s' * (len(use.models) != 1)} {', '.join(versions)}.")
    else:
        said.append("No model was trained on it yet.")
    return " ".join(said)


def _card(manifest: Manifest, detail: Detail) -> None:
    if not detail.card:
        st.caption("Its card, with what checking it found, is written when the first model that it trained is judged.")
        return
    with st.container(key=CARD):
        st.html(NARROW)
        st.markdown(_HEADING.sub(r"###\1", detail.card).replace("$", r"\$"))
    st.download_button(
        "Download the card",
        detail.page,
        f"{manifest.workload}-{manifest.dataset}.html",
        "text/html",
        icon=":material/download:",
        on_click="ignore",
    )


def _files(manifest: Manifest) -> None:
    st.dataframe(
        [
            {"file": file.name, "size": file.size, "object": f"gs://{file.bucket}/{file.object}#{file.generation}"}
            for file in manifest.files[:MOST_FILES]
        ],
        hide_index=True,
        alt="The files of the dataset version",
        column_config={"size": st.column_config.NumberColumn(format="bytes")},
    )
    if len(manifest.files) > MOST_FILES:
        st.caption(f"The first {MOST_FILES:,} of {len(manifest.files):,}.")
    st.code(f"headrace dataset pull {manifest.workload} {manifest.dataset} FOLDER", language="shell")


@st.cache_data(ttl=15, show_spinner=False, hash_funcs={Manifest: lambda manifest: manifest.dataset})
def _detail(_studio: Studio, manifest: Manifest) -> Detail:
    return reading.detail(_studio.platform, manifest)
