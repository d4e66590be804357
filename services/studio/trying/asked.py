"""The workload that is chosen in; what its model is asked and who answers, read side by side, out."""

from concurrent.futures import ThreadPoolExecutor

import streamlit as st

from headrace import catalogue
from headrace.adapters.inference import Inference
from headrace.errors import Unauthorized
from services.studio.asking import KEY, inference
from services.studio.reading.schema import Form, form
from services.studio.reading.served import Served, served
from services.studio.studio import Studio

_FRESH_SECONDS = 5
_EVERYBODYS = 0
"""No version's number: whichever answers when nobody asks for one."""

_TYPED = f"{KEY}.typed"


def chosen(studio: Studio, names: tuple[str, ...]) -> str:
    """The workload that is chosen, or that the page's address names; at first one of which a version answers.

    Raises Unavailable.
    """
    answering = _answering(inference(studio), studio.where.inference_url)
    first = next((name for name in answering if name in names), names[0])
    return st.selectbox("Workload", names, index=names.index(first), key="workload", bind="query-params")


def read(studio: Studio, workload: str) -> tuple[Form, Served]:
    """What the model is asked, and who answers. Raises what `Inference` raises; asks for a key where one is wanted."""
    try:
        key = (inference(studio).address(workload), str(st.session_state.get(KEY, "")))
        return _read(inference(studio), workload, key)
    except Unauthorized:
        kept = "It is kept while this page is open."
        st.text_input("Your key for the inference service", type="password", key=_TYPED, on_change=_keep, help=kept)
        raise


def head(workload: str, asked: Form, who: Served) -> bool:
    """What the workload is for and who answers; False where nobody does, with what to do next."""
    title = catalogue.describe(workload).title
    if who.trouble:
        st.warning(f"{who.trouble}. What answered before goes on answering.", icon=":material/warning:")
    if who.version is None or not asked.fields:
        st.caption(f"{title}.")
        way = f"Drop data on the page Data, or run `headrace drop {workload} FILE`."
        st.info(f"No version of {workload} answers yet. {way}", icon=":material/hourglass_empty:")
        return False
    since = f" since {who.since:%Y-%m-%d %H:%M} UTC" if who.since else ""
    kind = f", computing in {who.precision}" if who.precision else ""
    st.caption(f"{title}. Version {who.version}, {who.alias}, answers{since}{kind}.")
    return True


def version(place: str, workload: str, asked: Form, who: Served) -> int | None:
    """The version that is to answer: whichever answers everybody, unless one that is loaded is chosen."""
    if len(asked.versions) < 2:
        return None
    number = st.segmented_control(
        "Who answers",
        (_EVERYBODYS, *asked.versions),
        default=_EVERYBODYS,
        required=True,
        format_func=lambda number: who.named(number) if number else "as for everybody",
        key=f"{place}.{workload}.version",
    )
    return number or None


def _keep() -> None:
    """Streamlit forgets what was typed once the field is gone."""
    st.session_state[KEY] = st.session_state[_TYPED]


@st.cache_data(ttl=_FRESH_SECONDS, show_spinner=False)
def _answering(_asking: Inference, address: str) -> tuple[str, ...]:  # noqa: ARG001 - part of what is cached
    try:
        return _asking.answering()
    except Unauthorized:  # who looks is asked for a key where the form is read
        return ()


@st.cache_data(ttl=_FRESH_SECONDS, show_spinner="Asking the inference service…")
def _read(_asking: Inference, workload: str, key: tuple[str, str]) -> tuple[Form, Served]:  # noqa: ARG001
    with ThreadPoolExecutor(2) as both:
        document, state = both.submit(_asking.document, workload), both.submit(_asking.state, workload)
        return form(document.result(), workload), served(state.result())
