"""The versions of a workload that matter most in; who stands beside whom, with the verdicts on them, drawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from headrace.policy.promotion import Promotion
from services.studio.confirming import Decision, offer
from services.studio.reading.versions import Seen
from services.studio.studio import Studio
from services.studio.wording import COLOURS, ICONS, VERDICTS, ago, plain

SLOTS = {
    "champion": ("Champion", ":material/emoji_events:"),
    "challenger": ("Challenger", ":material/swords:"),
    "previous": ("Previous champion", ":material/history:"),
}
MOST_REASONS = 4


def draw(placed: Mapping[str, Seen], policy: Promotion, now: datetime) -> None:
    """A card for each that there is; they stand below each other on a phone."""
    for column, (slot, version) in zip(st.columns(len(placed)), placed.items(), strict=True):
        with column.container(border=True, height="stretch"):
            _card(slot, version, policy, now)


def waiting(studio: Studio, version: Seen, decisions: Sequence[Decision]) -> None:
    """A version that waits for a person's word, with what speaks for it."""
    with st.container(border=True):
        st.markdown(f":blue[:material/how_to_reg:] **{plain(version.workload)} {version.name} waits for your word.**")
        _reasons(version)
        offer(studio, f"waiting.{version.workload}.{version.number}", *decisions)


def _card(slot: str, version: Seen, policy: Promotion, now: datetime) -> None:
    title, icon = SLOTS[slot]
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(title, icon=icon, color="primary" if slot == "champion" else "gray")
        if slot != "champion" or version.verdict != "promoted":
            st.badge(VERDICTS[version.verdict], icon=ICONS[version.verdict], color=COLOURS[version.verdict])
    st.markdown(f"#### {version.semver or f'Version {version.number}'}")
    known = [f"version {version.number}", version.candidate, ago(version.created, now)]
    st.caption(plain(" · ".join(filter(None, known))))
    _score(version, policy)
    _reasons(version)


def _score(version: Seen, policy: Promotion) -> None:
    score, gain = version.scores.get(policy.metric), version.gain
    st.metric(
        policy.metric,
        None if score is None else f"{score:.4f}",
        delta=f"{gain.estimate:+.4f}" if gain else None,
        delta_color="normal" if gain and not gain.low <= 0 <= gain.high else "off",
        delta_arrow="auto" if gain and not gain.low <= 0 <= gain.high else "off",
        delta_description=f"[{gain.low:+.4f}, {gain.high:+.4f}]" if gain else None,
        help=f"On the frozen test set of its data. The gain is over version {version.against}, on the same rows; its "
        f"interval holds it at {policy.confidence:.0%} confidence."
        if gain
        else "On the frozen test set of its data.",
    )


def _reasons(version: Seen) -> None:
    shown = version.reasons[:MOST_REASONS]
    if len(version.reasons) > MOST_REASONS:
        shown = (*shown, f"and {len(version.reasons) - MOST_REASONS} more")
    st.markdown("\n".join(f"- {plain(reason)}" for reason in shown))
