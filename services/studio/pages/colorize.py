"""The page "Colorize": radar images in; the colours that a model gives them, side by side, out."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import streamlit as st

from headrace import catalogue, loading
from headrace.adapters.inference import Drawn
from services.studio.asking import inference
from services.studio.outages import told
from services.studio.reading.colored import Colored, Failed, color, zipped
from services.studio.reading.gallery import Picture
from services.studio.reading.placed import placed
from services.studio.reading.schema import Form
from services.studio.reading.served import Served
from services.studio.studio import Studio
from services.studio.trying import answer as answered
from services.studio.trying import asked, feedback, pictures, slider
from services.studio.trying import form as forms


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Colorize")
    names = tuple(name for name in loading.names() if catalogue.describe(name).task == "image")
    if not names:
        st.info("No workload draws pictures; one whose `workload.yaml` says `task: image` would.")
        return
    with told("The inference service"):
        workload = names[0] if len(names) == 1 else asked.chosen(studio, names)
        form, who = asked.read(studio, workload)
        if not asked.head(workload, form, who):
            return
        version = asked.version("colorize", workload, form, who)
        _options(workload, form)
        sent = pictures.chosen(workload, "radar image", verb="Colorize")
        place = f"colorize.{workload}.done"
        if sent:
            st.session_state[place] = _color_all(studio, workload, form, version, sent)
        if done := st.session_state.get(place):
            _show(studio, workload, done, who)
        else:
            st.caption("PNG, JPEG or GeoTIFF of any size; floating-point pixels are read as sigma nought.")


def _options(workload: str, form: Form) -> None:
    """How tiles are joined, as far as the model takes any wish."""
    if not form.options:
        return
    with st.expander("How tiles are joined", icon=":material/grid_on:"):
        st.caption(
            "The model sees tiles of 256 × 256 pixels. The more they overlap, the less shows where one ends, and the "
            "longer it takes."
        )
        for column, option in zip(st.columns(len(form.options)), form.options, strict=True):
            with column:
                forms.widget(workload, option)


def _color_all(
    studio: Studio, workload: str, form: Form, version: int | None, sent: Sequence[Picture]
) -> tuple[Colored | Failed, ...]:
    said: dict[str, Any] = forms.instance(workload, form.options)

    def ask(picture: Picture) -> Drawn:
        return inference(studio).draw(workload, form.image, (picture.name, picture.data), said, version)

    bar, found = st.progress(0.0, _progress(0, sent)), []
    for done, picture in enumerate(sent, 1):
        found.append(color(picture, ask))
        bar.progress(done / len(sent), _progress(done, sent))
    bar.empty()
    return tuple(found)


def _progress(done: int, sent: Sequence[Picture]) -> str:
    return f"{done} of {len(sent)} images; next is {sent[done].name}" if done < len(sent) else f"{done} images"


def _show(studio: Studio, workload: str, done: Sequence[Colored | Failed], who: Served) -> None:
    for each in done:
        if isinstance(each, Failed):
            st.error(f"{each.name}: {each.why}", icon=":material/error:")
    colored = [each for each in done if isinstance(each, Colored)]
    if not colored:
        return
    shown = colored[0]
    if len(colored) > 1:
        seconds = sum(each.drawn.seconds for each in colored)
        st.success(f"{len(colored)} of {len(done)} images in {seconds:,.1f} s.", icon=":material/done_all:")
        place = st.selectbox("Look at", range(len(colored)), format_func=lambda number: colored[number].name)
        shown = colored[place]
    left, right = st.columns([2, 1], gap="large")
    with left:
        words = (("radar", shown.before), ("colorized", shown.after))
        slider.draw(shown.name, *words, shown.width, key=f"colorize.{shown.drawn.request_id}")
    with right:
        _about(studio, workload, shown, colored, who)


def _about(studio: Studio, workload: str, shown: Colored, colored: Sequence[Colored], who: Served) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Download PNG", shown.drawn.png, shown.file, "image/png", icon=":material/download:", on_click="ignore"
        )
        if shown.source:
            st.download_button(
                "Download GeoTIFF",
                lambda: placed(shown.source, shown.drawn.png),
                f"{PurePath(shown.file).stem}.tif",
                "image/tiff",
                icon=":material/public:",
                on_click="ignore",
            )
        if len(colored) > 1:
            st.download_button(
                f"All {len(colored)} as ZIP",
                lambda: zipped(colored),
                f"{workload}.zip",
                "application/zip",
                icon=":material/folder_zip:",
                on_click="ignore",
            )
    drawn, precision = shown.drawn, f", in {who.precision}" if who.precision else ""
    size = f", {shown.width} × {shown.height} pixels{precision}"
    answered.origin(who.named(int(drawn.version)), drawn.request_id, drawn.seconds, size)
    feedback.draw(studio, workload, drawn.request_id)
