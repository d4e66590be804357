"""A version in; its model card and where it comes from, drawn."""

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from headrace.errors import NotFound
from services.studio.outages import told
from services.studio.reading import lineage, versions
from services.studio.reading.lineage import Origin
from services.studio.reading.versions import Seen
from services.studio.studio import Studio
from services.studio.wording import plain

MINUTE = 60
BY_STATE: dict[str | type[Any], Callable[[Any], Any]] = {Seen: lambda version: version.state}
LONGEST = 22
HEADING = re.compile(r"^(#+ )", re.MULTILINE)
_NOT_TEXT = re.compile(r"[^\w .,:/…()@+-]")


def card(studio: Studio, version: Seen) -> None:
    """The card as the evaluator wrote it; Markdown in which nothing but its own marks means anything."""
    try:
        text = _card(studio, version)
    except NotFound:
        st.info(f"{version.name} has no card: the evaluator writes one as it judges a version of the platform's own.")
        return
    st.download_button(
        "As a page to keep",
        data=lambda: versions.card(studio.platform, version, "html"),
        file_name=f"{version.workload}-{version.number}.html",
        mime="text/html",
        icon=":material/download:",
    )
    st.markdown(HEADING.sub(r"##\1", text).replace("$", "\\$"))


def origin(studio: Studio, version: Seen) -> None:
    """From the upload to the verdict, with links; and what it was trained with."""
    with told("Where it comes from"):
        found = _origins(studio, version)
        st.mermaid_chart(_drawn(found, version), alt=f"From the upload to {version.name}")
        st.markdown("\n".join(_line(each) for each in found))
    with told("What it was trained with"):
        if parameters := _parameters(studio, version):
            with st.expander(f"Trained with {len(parameters)} parameter{'s' * (len(parameters) != 1)}"):
                st.dataframe(
                    [{"parameter": name, "value": value} for name, value in parameters],
                    hide_index=True,
                    alt="The parameters of the training",
                )


def _line(origin: Origin) -> str:
    which = f"`{origin.which.replace('`', '')}`"
    return f"- {plain(origin.what)}: {f'[{which}]({origin.link})' if origin.link else which}"


def _drawn(found: list[Origin], version: Seen) -> str:
    """The way from the upload to the version, for Mermaid."""
    known = {each.what: each.which for each in found}
    way = [what for what in ("Uploaded as", "Dataset version", "Training job") if what in known]
    shown = [*way, *(["Code revision"] if "Code revision" in known else [])]
    boxes = {what: _box(place, what, known[what]) for place, what in enumerate(shown)}
    last = _box(len(shown), "Model", version.name)
    lines = [" --> ".join([*(boxes[what] for what in way), last])]
    if "Code revision" in boxes and "Training job" in boxes:
        lines.append(f"{boxes['Code revision']} --> {boxes['Training job']}")
    return "\n".join(["flowchart LR", *lines])


def _box(place: int, what: str, which: str) -> str:
    short = which if len(which) <= LONGEST else f"…{which[1 - LONGEST :]}"
    return f'n{place}["{what}<br/>{_NOT_TEXT.sub("_", short)}"]'


@st.cache_data(ttl=MINUTE, show_spinner=False, hash_funcs=BY_STATE)
def _card(_studio: Studio, version: Seen) -> str:
    return versions.card(_studio.platform, version, "md").decode()


@st.cache_data(ttl=MINUTE, show_spinner=False, hash_funcs=BY_STATE)
def _origins(_studio: Studio, version: Seen) -> list[Origin]:
    return lineage.origins(_studio.platform, _studio.where, version)


@st.cache_data(ttl=MINUTE, show_spinner=False, hash_funcs=BY_STATE)
def _parameters(_studio: Studio, version: Seen) -> list[tuple[str, str]]:
    return list(lineage.parameters(_studio.platform, version))
