"""What an operator may do about training in; the choices, and a dialog before each, out."""

import streamlit as st

from headrace import catalogue, loading
from headrace.training import asking, pausing, resuming
from headrace.training.pausing import Pause
from services.studio.confirming import Decision, offer
from services.studio.loop import reads
from services.studio.studio import Studio

CHAMPIONS = "the champion's"


def retrain(studio: Studio, paused: Pause | None) -> None:
    """Train on a dataset version again: all candidates, or some."""
    workload = st.selectbox("Workload", loading.names(), key="loop.retrain.workload")
    description = catalogue.describe(workload)
    dataset = st.selectbox(
        "Dataset version", [CHAMPIONS, *reads.datasets(studio.platform, workload)], key="loop.retrain.data"
    )
    known = (*description.candidates, *([description.search.name] if description.search else []))
    chosen = st.multiselect(
        "Candidates", known, key="loop.retrain.candidates", placeholder=", ".join(description.trained_on_arrival)
    )
    named = "" if dataset == CHAMPIONS else dataset
    offer(studio, "loop.retrain", _retraining(studio, workload, named, tuple(chosen), paused))


def pause(studio: Studio, paused: Pause | None) -> None:
    """Let no training begin, or let it begin again."""
    if paused is None:
        st.markdown("Training begins whenever there is a reason to.")
        offer(studio, "loop.pause", _pausing(studio))
        return
    waiting = pausing.count_waiting(studio.platform.store, paused)
    st.warning(f"{_sentence(paused)} Asked for meanwhile: {waiting}.", icon=":material/pause:")
    offer(studio, "loop.resume", _resuming(studio, waiting))


def _retraining(
    studio: Studio, workload: str, dataset: str, candidates: tuple[str, ...], paused: Pause | None
) -> Decision:
    what = f"{', '.join(candidates)} of {workload}" if candidates else f"every candidate of {workload}"
    on = f"dataset version `{dataset}`" if dataset else "the champion's dataset version"
    wait = " Training is paused: it waits until somebody resumes." if paused else ""

    def decide(reason: str) -> str:
        asked = asking.ask(studio.platform, workload, studio.person.name, dataset, candidates, reason)
        return f"Asked for training on {asked.dataset} as request {asked.request}."

    happens = f"A Batch job trains {what} on {on}; each version that comes of it is judged like any other.{wait}"
    return Decision("Retrain", workload, happens, decide, icon=":material/model_training:")


def _pausing(studio: Studio) -> Decision:
    def decide(reason: str) -> str:
        return str(pausing.begin(studio.platform, studio.person.name, reason))

    happens = "No training begins. What runs goes on to its end, and what is asked for waits until somebody resumes."
    return Decision("Pause", "training", happens, decide, icon=":material/pause:")


def _resuming(studio: Studio, waiting: int) -> Decision:
    def decide(reason: str) -> str:
        told = list(resuming.resume(studio.platform, studio.person.name, reason))
        return f"Training goes on, with {len(told)} that waited."

    happens = f"Training begins again, first with what was asked for meanwhile: {waiting}."
    return Decision("Resume", "training", happens, decide, icon=":material/play_arrow:")


def _sentence(paused: Pause) -> str:
    text = str(paused)
    return f"{text[0].upper()}{text[1:]}."
