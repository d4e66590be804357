"""An answer in; what a person says of it, told to the platform, and the word that it was counted, out."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from headrace.errors import HeadraceError
from services.studio.asking import inference
from services.studio.studio import Studio

_RATINGS = (1, 5)
"""Of the API's five, what a thumb down and a thumb up stand for."""

_LONGEST = 2000
_WITHOUT = "What you say is kept with this prediction."
_WITH_LABELS = f"{_WITHOUT} By true labels models are judged, and drift is measured."


def draw(studio: Studio, workload: str, request_id: str, labels: tuple[str, ...] = ()) -> None:
    """Thumbs, the true label where answers have one, a comment, and what was said before."""
    asked = tuple(dict.fromkeys((*labels, *_known(studio, workload)))) if labels else ()
    st.markdown("##### Was it right?")
    st.caption(_WITH_LABELS if asked else _WITHOUT)
    place = f"feedback.{request_id}"
    with st.form(f"{place}.form", border=True):
        st.feedback("thumbs", key=f"{place}.thumb")
        if asked:
            st.selectbox(
                "True label",
                asked,
                index=None,
                key=f"{place}.label",
                placeholder="as it turned out",
                accept_new_options=True,
            )
        st.text_area("Comment", key=f"{place}.comment", max_chars=_LONGEST, height=80)
        st.form_submit_button("Send feedback", on_click=_tell, args=(studio, workload, request_id))
    if said := st.session_state.get(f"{place}.said"):
        told, well = said
        (st.success if well else st.warning)(told, icon=":material/done:" if well else ":material/error:")


def _known(studio: Studio, workload: str) -> tuple[str, ...]:
    """Labels that were told before."""
    try:
        return tuple(inference(studio).fed_back(workload)["labels"])
    except HeadraceError:
        return ()


def _tell(studio: Studio, workload: str, request_id: str) -> None:
    """Runs before the page is drawn again, which then shows what came of it."""
    place = f"feedback.{request_id}"
    said = _said(st.session_state, place)
    if not said:
        told, well = "Say something first: a thumb, the true label or a comment.", False
    else:
        told, well = _told(studio, workload, {"request_id": request_id, **said})
    st.session_state[f"{place}.said"] = (told, well)


def _said(state: Any, place: str) -> dict[str, Any]:
    thumb, label, comment = (state.get(f"{place}.{part}") for part in ("thumb", "label", "comment"))
    found = {
        "rating": None if thumb is None else _RATINGS[thumb],
        "label": (label or "").strip() or None,
        "comment": (comment or "").strip() or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _told(studio: Studio, workload: str, said: Mapping[str, Any]) -> tuple[str, bool]:
    try:
        asking = inference(studio)
        taken = asking.feed_back(workload, [said])
        return f"Taken{'' if taken == 1 else f' ({taken})'}. {counted(asking.fed_back(workload))}", True
    except HeadraceError as error:
        return f"It was not taken: {error}", False


def counted(stats: Mapping[str, Any]) -> str:
    """What feedback adds up to, in a sentence."""
    rows, agreement = stats["rows"], stats["agreement"]
    said = f"This instance of the service has counted feedback on {rows:,} answer{'' if rows == 1 else 's'}"
    if not agreement["compared"]:
        return f"{said}."
    return f"{said}; of {agreement['compared']:,} with a true label {agreement['share']:.0%} were right."
