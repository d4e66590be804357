"""What somebody may decide in; a button, a dialog that says what it brings about and asks why, and their word, out.

A page offers decisions and never asks by itself:

    offer(
        studio,
        f"models.{workload}",
        Decision(
            verb="Roll back",
            about=workload,
            happens="Version 7 becomes champion again in place of version 9. Requests go on without a break.",
            decide=lambda reason: rolled_back(studio, workload, reason),
        ),
    )

`decide` is called once with the reason that the person gave. It does what the command line does, in the name of
`studio.person.name`, and returns what came of it as a sentence; what it raises as HeadraceError is shown as its
sentence, and may be tried again. Where `why_not` says something, and for viewers, the button is disabled and the
sentence stands below it. Everything that pages have cached is read again afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from headrace.errors import HeadraceError
from services.studio.people import Person
from services.studio.studio import Studio

OPEN = "confirming"
VIEWER = "You may look at everything here; an operator decides."


@dataclass(frozen=True, slots=True)
class Decision:
    """What may be decided `about` something: `happens` says in Markdown what it brings about."""

    verb: str
    about: str
    happens: str
    decide: Callable[[str], str]
    icon: str = ":material/gavel:"
    why_not: str = ""


@dataclass(slots=True)
class _Asked:
    """The dialog that is open. Written to in place: Streamlit may begin a run anew at any other step of it."""

    key: str
    outcome: str = ""


def offer(studio: Studio, key: str, *decisions: Decision, leading: bool = True) -> None:
    """Draw a button for each decision, in a row; `key` is the row's own on its page.

    The first stands out as what the page leads to, unless nothing on it does.
    """
    with st.container(horizontal=True):
        for place, decision in enumerate(decisions):
            name = f"{key}.{decision.verb}"
            st.button(
                decision.verb,
                key=name,
                icon=decision.icon,
                type="primary" if leading and place == 0 else "secondary",
                disabled=bool(_why_not(studio.person, decision)),
                on_click=_open,
                args=(name,),
            )
    for sentence in dict.fromkeys(filter(None, (_why_not(studio.person, each) for each in decisions))):
        st.caption(sentence)
    asked = st.session_state.get(OPEN)
    for decision in decisions:
        if asked and asked.key == f"{key}.{decision.verb}" and not _why_not(studio.person, decision):
            title = f"{decision.verb} {decision.about}?"
            st.dialog(title, icon=decision.icon, on_dismiss=_close)(_ask)(studio.person, decision, asked)


def _why_not(person: Person, decision: Decision) -> str:
    return decision.why_not if person.may_decide else VIEWER


def _open(key: str) -> None:
    st.session_state[OPEN] = _Asked(key)


def _close() -> None:
    st.session_state.pop(OPEN, None)


def _ask(person: Person, decision: Decision, asked: _Asked) -> None:
    """What is in the dialog: the question, and afterwards, in its place, what came of it."""
    place = st.empty()
    if not asked.outcome:
        with place.container():
            _question(person, decision, asked)
    if asked.outcome:
        with place.container():
            _outcome(asked)


def _question(person: Person, decision: Decision, asked: _Asked) -> None:
    st.markdown(decision.happens)
    with st.form(f"{OPEN}.question", border=False):
        reason = st.text_area("Why", placeholder="A few words, kept with the decision", max_chars=500).strip()
        st.caption(f"Recorded as said by `{person.name}`, with the time.")
        agreed = st.form_submit_button(decision.verb, icon=decision.icon, type="primary", width="stretch")
    if agreed and not reason:
        st.warning("Say why, in a few words: whoever comes after you will ask.", icon=":material/edit_note:")
    elif agreed:
        _decide(decision, asked, reason)


def _decide(decision: Decision, asked: _Asked, reason: str) -> None:
    try:
        with st.spinner(f"{decision.verb} {decision.about}…"):
            asked.outcome = decision.decide(reason)
    except HeadraceError as error:
        st.error(f"Nothing was decided: {error}", icon=":material/error:")
    else:
        st.cache_data.clear()


def _outcome(asked: _Asked) -> None:
    st.success(asked.outcome, icon=":material/check_circle:")
    if st.button("Close", key=f"{OPEN}.close", width="stretch"):
        _close()
        st.rerun()
