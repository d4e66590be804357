"""Photos from a disk, a camera or the gallery in; what the model says of each, and what people say of that, out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from headrace.errors import HeadraceError
from services.studio.asking import inference
from services.studio.reading import previews
from services.studio.reading.answers import Answer, answer
from services.studio.reading.gallery import Picture
from services.studio.reading.schema import Form
from services.studio.reading.served import Served
from services.studio.studio import Studio
from services.studio.trying import answer as answered
from services.studio.trying import feedback, pictures

_SIDE = 420


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo as it is shown, and its answer or the reason why it has none."""

    name: str
    preview: bytes
    answer: Answer | None
    trouble: str = ""


def draw(studio: Studio, workload: str, form: Form, who: Served, version: int | None) -> None:
    """The photos, and what came of them."""
    place = f"photos.{workload}.seen"
    sent = pictures.chosen(workload, "photo", camera=True)
    if sent:
        st.session_state[place] = _ask_all(studio, workload, form, version, sent)
    seen: Sequence[_Seen] = st.session_state.get(place, ())
    if len(seen) == 1:
        _one(studio, workload, seen[0], who)
    elif seen:
        _several(workload, seen)


def _ask_all(
    studio: Studio, workload: str, form: Form, version: int | None, sent: Sequence[Picture]
) -> tuple[_Seen, ...]:
    bar, found = st.progress(0.0, f"0 of {len(sent)} photos"), []
    for done, picture in enumerate(sent, 1):
        found.append(_ask(studio, workload, form, version, picture))
        bar.progress(done / len(sent), f"{done} of {len(sent)} photos")
    bar.empty()
    return tuple(found)


def _ask(studio: Studio, workload: str, form: Form, version: int | None, picture: Picture) -> _Seen:
    shown = b""
    try:
        shown = previews.photo(picture.data, _SIDE)
        said = inference(studio).predict_file(workload, form.image, (picture.name, picture.data), version)
        return _Seen(picture.name, shown, answer(said.said, said.seconds))
    except HeadraceError as error:
        return _Seen(picture.name, shown, None, str(error))


def _one(studio: Studio, workload: str, seen: _Seen, who: Served) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        if seen.preview:
            st.image(seen.preview, caption=seen.name)
    with right:
        if seen.answer is None:
            st.error(seen.trouble, icon=":material/error:")
            return
        answered.draw(seen.answer, who)
        feedback.draw(studio, workload, seen.answer.request_id, seen.answer.labels)


def _several(workload: str, seen: Sequence[_Seen]) -> None:
    """Every photo in a row of a table, and the table to download."""
    table = pd.DataFrame([_row(each) for each in seen])
    pictured = table.assign(photo=[pictures.as_url(each.preview) for each in seen])
    order = ["photo", *table.columns]
    st.dataframe(
        pictured,
        hide_index=True,
        width="stretch",
        column_order=order,
        row_height=72,
        column_config={"photo": st.column_config.ImageColumn("", width="small")} | answered.likely_columns(table),
    )
    st.download_button(
        "Download CSV", table.to_csv(index=False).encode(), f"{workload}-photos.csv", "text/csv", on_click="ignore"
    )


def _row(seen: _Seen) -> dict[str, object]:
    if seen.answer is None:
        return {"name": seen.name, "refused": seen.trouble}
    likely = {f"{name}_probability": share for name, share in seen.answer.likely}
    who = {"version": seen.answer.version, "request_id": seen.answer.request_id}
    return {"name": seen.name, "label": seen.answer.label, **likely, **who}
