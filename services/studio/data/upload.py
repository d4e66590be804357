"""Upload on the page "Data": what is expected, files dropped into the browser, and what becomes of them, live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from headrace import catalogue
from headrace.catalogue import Description
from headrace.data.sending import Sent
from services.studio.confirming import Decision, offer
from services.studio.outages import told
from services.studio.reading import uploads
from services.studio.reading.uploads import Fate, Piece
from services.studio.studio import Studio
from services.studio.wording import at, plain

FOLLOWED, ROUND = "data.followed", "data.round"
POLL_SECONDS = 2.0
FOLLOWED_FOR = timedelta(hours=1)


@dataclass(slots=True)
class _Followed:
    """An upload of this browser's, whose fate is watched until it is settled."""

    workload: str
    what: str
    sent: Sent
    since: datetime
    over: bool = False


def is_followed(workload: str) -> bool:
    """Whether an upload for the workload was made here."""
    followed = st.session_state.get(FOLLOWED)
    return followed is not None and followed.workload == workload


def draw(studio: Studio, workload: str) -> None:
    """What is expected, where to drop it, and how far the last upload has come."""
    description = catalogue.describe(workload)
    with st.expander("Upload data", icon=":material/upload:"):
        st.markdown(_expected(description))
        _choose(studio, description)
    if is_followed(workload):
        followed = st.session_state[FOLLOWED]
        st.fragment(run_every=None if followed.over else POLL_SECONDS)(_follow)(studio, followed)


def _expected(description: Description) -> str:
    """In the workload's own words."""
    data = description.data
    endings = ", ".join(f"`{ending}`" for ending in data.endings)
    return (
        f"{description.card.data}\n\nOne file, several, or a folder of them: {endings}; {data.max_gib:g} GiB in all at "
        f"most, and {_limit()} MB a file here. Larger ones go by `headrace drop {description.name} PATH`."
    )


def _limit() -> int:
    return int(st.get_option("server.maxUploadSize"))


def _choose(studio: Studio, description: Description) -> None:
    may, turn = studio.person.may_decide, st.session_state.get(ROUND, 0)
    kind = st.segmented_control("What", ["Files", "A folder"], default="Files", required=True, disabled=not may)
    chosen = st.file_uploader(
        "Drop it here",
        type=sorted({ending.rpartition(".")[2] for ending in description.data.endings}),
        accept_multiple_files="directory" if kind == "A folder" else True,
        key=f"data.files.{description.name}.{kind}.{turn}",
        disabled=not may,
    )
    found = uploads.pieces(chosen)
    refusal = uploads.refusal(description.name, found) if found else ""
    if refusal:
        st.error(f"It cannot be used: {plain(refusal)}", icon=":material/block:")
    what = f"{len(found):,} file{'s' * (len(found) != 1)}, {_size(found)}"
    offer(
        studio,
        f"data.{description.name}",
        Decision(
            verb="Send",
            about=f"{what} to {description.name}",
            happens=_happens(description, what),
            decide=lambda reason: _send(studio, description.name, what, found, reason),
            icon=":material/send:",
            why_not="" if found and not refusal else "Choose files that can be used first.",
        ),
    )


def _happens(description: Description, what: str) -> str:
    trained = description.trained_on_arrival
    return (
        f"**{what}** go to the data bucket. What can be used becomes a dataset version, and on it "
        f"{', '.join(trained)} train{'s' * (len(trained) == 1)}. The best becomes champion, if the workload's policy "
        "has nothing against it."
    )


def _send(studio: Studio, workload: str, what: str, found: Sequence[Piece], reason: str) -> str:
    bar = st.progress(0.0, f"uploading {what}")

    def report(sent: int, total: int) -> None:
        bar.progress(sent / total if total else 1.0, f"uploaded {sent:,} of {total:,} bytes")

    sent, since = uploads.send(studio.platform, workload, found, studio.person.name, reason, report)
    bar.empty()
    st.session_state[FOLLOWED] = _Followed(workload, what, sent, since)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    return f"{what} are in the data bucket. What becomes of them is shown on the page."


def _follow(studio: Studio, followed: _Followed) -> None:
    with told("What became of the upload"):
        fate = uploads.fate(studio.platform, followed.workload, followed.sent, followed.since)
        _draw_fate(followed, fate)
        late = studio.platform.clock.now() - followed.since > FOLLOWED_FOR
        if (fate.settled or late) and not followed.over:
            followed.over = True
            st.cache_data.clear()
            st.rerun()


def _draw_fate(followed: _Followed, fate: Fate) -> None:
    what, dataset = followed.what, followed.sent.dataset
    if fate.rejected:
        st.error(f"{what}: refused. {plain(fate.rejected)}", icon=":material/block:")
        return
    if fate.again and fate.at:
        said = f"{what}: this content is dataset version `{dataset}` already, made {at(fate.at)}."
        st.info(f"{said} Nothing trains anew; the page Loop has a button that does.", icon=":material/content_copy:")
        return
    if fate.at is None:
        st.status(f"{what}: uploaded; it is looked at", state="running", expanded=False)
        return
    done = "every candidate has its verdict" if fate.settled else "candidates train"
    box = st.status(
        f"{what}: dataset version {dataset}, {done}", state="complete" if fate.settled else "running", expanded=True
    )
    if fate.paused:
        box.warning(f"It waits: {fate.paused}.", icon=":material/pause_circle:")
    for each in fate.progress:
        words = f"**{each.candidate}** {':material/error: ' * each.failed}{plain(each.words)}"
        box.progress(min(1.0, max(0.0, each.share)), words)
    if fate.settled:
        box.caption(f"[Models](/models?workload={followed.workload}) has each verdict with its reasons.")


def _size(found: Sequence[Piece]) -> str:
    size = sum(piece.size for piece in found)
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"
