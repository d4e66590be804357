"""A model's fields in; widgets for them, and the instance that they hold, out."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from services.studio.reading.schema import Asked

COLUMNS = 3
_EMPTY = "not known"
_MARKDOWN, _ESCAPED = re.compile(r"([\\`*_{}\[\]<>#|~$:])"), r"\\\1"


def key(workload: str, field: Asked) -> str:
    """Where the page keeps what was written in a field."""
    return f"form.{workload}.{field.name}"


def draw(workload: str, fields: Sequence[Asked], wrong: Mapping[str, str]) -> None:
    """A widget for each field, three in a row, which stack in their order on a phone; what is `wrong` says so."""
    for start in range(0, len(fields), COLUMNS):
        for column, field in zip(st.columns(COLUMNS), fields[start : start + COLUMNS], strict=False):
            with column:
                widget(workload, field)
                if field.name in wrong:
                    complain(wrong[field.name].removeprefix(f"{field.name}: "))


def complain(sentence: str) -> None:
    """A refusal, small enough to stand beneath its field."""
    st.markdown(f":red[:material/error: {_MARKDOWN.sub(_ESCAPED, sentence)}]")


def widget(workload: str, field: Asked) -> None:
    """The widget of one field, which holds its start until somebody changes it."""
    place = key(workload, field)
    if field.kind == "number":
        _number(place, field)
    elif field.kind == "boolean":
        st.checkbox(field.name, value=field.start is True, key=place, help=field.about or None)
    elif field.choices:
        _choice(place, field)
    else:
        st.text_input(field.name, _text(field.start), key=place, help=field.about or None, placeholder=_EMPTY)


def instance(workload: str, fields: Sequence[Asked]) -> dict[str, Any]:
    """What the widgets hold; what is empty is left out, but for what must be there."""
    found = {field.name: st.session_state.get(key(workload, field), field.start) for field in fields}
    needed = {field.name for field in fields if field.required}
    return {name: value for name, value in found.items() if value not in (None, "") or name in needed}


def _number(place: str, field: Asked) -> None:
    whole = field.steps is not None and float(field.steps).is_integer()
    kind: Callable[[float], Any] = int if whole else float
    start, least, most = (None if each is None else kind(each) for each in (field.start, field.least, field.most))
    step = kind(field.steps) if field.steps else 1.0 if isinstance(field.start, int) else 0.01
    st.number_input(
        field.name,
        value=start,
        min_value=least,
        max_value=most,
        step=step,
        format="%d" if whole else "%g",
        key=place,
        help=field.about or None,
        placeholder=_EMPTY,
    )


def _choice(place: str, field: Asked) -> None:
    start = _text(field.start)
    choices = field.choices if not start or start in field.choices else (start, *field.choices)
    st.selectbox(
        field.name,
        choices,
        index=choices.index(start) if start else None,
        key=place,
        help=field.about or None,
        placeholder=_EMPTY,
        accept_new_options=True,
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
