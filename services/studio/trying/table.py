"""A table that somebody uploads in; an answer or a reason for each of its rows, to look at and to download, out."""

from io import BytesIO

import pandas as pd
import streamlit as st

from headrace.adapters.inference import Answered
from headrace.errors import HeadraceError
from services.studio.asking import inference
from services.studio.reading import tables
from services.studio.reading.schema import Form
from services.studio.reading.served import Served
from services.studio.reading.tables import Instances, Scored
from services.studio.studio import Studio
from services.studio.trying.answer import likely_columns

_SHOWN = 500


def draw(studio: Studio, workload: str, form: Form, who: Served, version: int | None) -> None:
    """The upload, and what came of it."""
    endings = ["csv", "parquet", *(["txt"] if form.text else [])]
    with st.form(f"table.{workload}", border=False):
        file = st.file_uploader(
            "A table with the fields as columns" + (", or a text on each line" if form.text else ""),
            type=endings,
            key=f"table.{workload}.file",
        )
        pressed = st.form_submit_button("Score every row", type="primary", icon=":material/table_chart:")
    st.download_button(
        "Start from the example",
        _example(form),
        f"{workload}-example.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
    place = f"table.{workload}.scored"
    if pressed and file is None:
        st.warning("Choose a file first.", icon=":material/upload_file:")
    elif pressed and file is not None:
        st.session_state[place] = _scored(studio, workload, form, who, version, file.name, file.getvalue())
    if isinstance(found := st.session_state.get(place), Scored):
        _show(workload, found)


def _scored(
    studio: Studio, workload: str, form: Form, who: Served, version: int | None, name: str, data: bytes
) -> Scored | None:
    def ask(part: Instances) -> Answered:
        return inference(studio).predict(workload, list(part), version)

    try:
        rows = tables.instances(name, data, form)
        bar = st.progress(0.0, f"0 of {len(rows):,} rows")
        for came in tables.score(rows, form, ask, who.most_rows):
            if isinstance(came, Scored):
                bar.empty()
                return came
            bar.progress(came, f"{round(came * len(rows)):,} of {len(rows):,} rows")
    except HeadraceError as error:
        st.error(str(error), icon=":material/error:")
    return None


def _show(workload: str, scored: Scored) -> None:
    rows = len(scored.table)
    rate = f", {rows / scored.seconds:,.0f} rows a second" if scored.seconds else ""
    st.success(
        f"{rows - scored.refused:,} of {rows:,} rows answered by version {scored.version or 'none'}{rate}.",
        icon=":material/done:",
    )
    if scored.refused:
        st.warning(f"{scored.refused:,} rows were refused; the column `refused` says why.", icon=":material/rule:")
    st.dataframe(
        scored.table.head(_SHOWN), width="stretch", hide_index=True, column_config=likely_columns(scored.table)
    )
    if rows > _SHOWN:
        st.caption(f"The first {_SHOWN} of {rows:,} rows; the download has them all.")
    with st.container(horizontal=True):
        st.download_button(
            "Download CSV", lambda: _csv(scored.table), f"{workload}-scored.csv", "text/csv", on_click="ignore"
        )
        st.download_button(
            "Download Parquet", lambda: _parquet(scored.table), f"{workload}-scored.parquet", on_click="ignore"
        )


def _csv(table: pd.DataFrame) -> bytes:
    return str(table.to_csv(index=False)).encode()


def _parquet(table: pd.DataFrame) -> bytes:
    stream = BytesIO()
    mixed = {name: "string" for name in table.columns if table[name].dtype == object}
    table.astype(mixed).to_parquet(stream, index=False)
    return stream.getvalue()


def _example(form: Form) -> bytes:
    return _csv(pd.DataFrame([{field.name: field.start for field in form.fields}]))
