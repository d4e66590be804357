"""The page "Predict": a form made from a model's schema; its answer, and what people say of it."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from headrace import catalogue, loading
from headrace.adapters.inference import Refused
from headrace.errors import HeadraceError
from services.studio.asking import inference
from services.studio.outages import told
from services.studio.reading.answers import Answer, answer
from services.studio.reading.blame import blamed
from services.studio.reading.schema import Form
from services.studio.reading.served import Served
from services.studio.studio import Studio
from services.studio.trying import answer as answered
from services.studio.trying import asked, feedback, photos, table
from services.studio.trying import form as forms

_OUTCOME, _NEW = "predict.outcome", "predict.new"
_SHORT = 9
"""Fields; above a longer form the button stands first, where it is seen."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of the last question to a workload: an answer, or why there is none, by its field where it has one."""

    workload: str
    answer: Answer | None = None
    trouble: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def page(studio: Studio) -> None:
    """Draw it."""
    st.title("Predict")
    names = tuple(name for name in loading.names() if catalogue.describe(name).task != "image")
    with told("The inference service"):
        workload = asked.chosen(studio, names)
        form, who = asked.read(studio, workload)
        if not asked.head(workload, form, who):
            return
        version = asked.version("predict", workload, form, who)
        if form.image:
            photos.draw(studio, workload, form, who, version)
            return
        one, many = st.tabs(["A text" if form.text else "One row", "A table"])
        with one:
            _one(studio, workload, form, who, version)
        with many:
            table.draw(studio, workload, form, who, version)


def _one(studio: Studio, workload: str, form: Form, who: Served, version: int | None) -> None:
    outcome = st.session_state.get(_OUTCOME)
    if outcome is None or outcome.workload != workload:
        outcome = _Outcome(workload)
    left, right = st.columns([3, 2], gap="large")
    with left, st.form(f"predict.{workload}", border=False):
        button = st.container() if len(form.fields) > _SHORT else None
        if form.text:
            _text(workload, form, outcome)
        else:
            forms.draw(workload, form.fields, outcome.wrong)
        with button or st.container():
            sent = (studio, workload, form, version)
            st.form_submit_button("Ask", type="primary", icon=":material/bolt:", on_click=_ask, args=sent)
    with right:
        _result(studio, workload, outcome, who)
    if st.session_state.pop(_NEW, False):  # on a phone the answer stands far below a long form
        st.toast(_short(outcome), icon=":material/bolt:")


def _text(workload: str, form: Form, outcome: _Outcome) -> None:
    (only,) = form.fields
    st.text_area(
        "Text", value=str(only.start or ""), key=forms.key(workload, only), height=180, help=only.about or None
    )
    if only.name in outcome.wrong:
        forms.complain(outcome.wrong[only.name])


def _result(studio: Studio, workload: str, outcome: _Outcome, who: Served) -> None:
    if outcome.trouble:
        st.error(outcome.trouble, icon=":material/error:")
    elif outcome.wrong:
        st.error(f"Not asked as the model wants it: see {', '.join(outcome.wrong)}.", icon=":material/error:")
    elif outcome.answer is None:
        st.info("The form holds the workload's example. Change what you like, and ask.", icon=":material/edit_note:")
    else:
        answered.draw(outcome.answer, who)
        feedback.draw(studio, workload, outcome.answer.request_id, outcome.answer.labels)


def _short(outcome: _Outcome) -> str:
    if outcome.answer is None:
        return "Not answered; below the form it says why."
    likely = "".join(f", {name} {share:.1%}" for name, share in outcome.answer.likely[:1])
    return f"{outcome.answer.label or 'Answered'}{likely}".replace("_", " ")


def _ask(studio: Studio, workload: str, form: Form, version: int | None) -> None:
    """Runs before the page is drawn again, so that what is wrong stands beside its field."""
    instance: dict[str, Any] = forms.instance(workload, form.fields)
    try:
        found = inference(studio).predict(workload, instance, version)
        outcome = _Outcome(workload, answer(found.said, found.seconds))
    except Refused as refused:
        name = blamed(str(refused), [each.name for each in form.fields])
        outcome = _Outcome(workload, wrong={name: str(refused)}) if name else _Outcome(workload, trouble=str(refused))
    except HeadraceError as error:
        outcome = _Outcome(workload, trouble=str(error))
    st.session_state[_OUTCOME], st.session_state[_NEW] = outcome, True
