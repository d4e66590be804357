"""The page "Cost and health": what answers, what waits for a person, what is promised and kept, and what it costs."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

import pandas as pd
import streamlit as st

from headrace.adapters import deadletters
from headrace.costs import environment
from headrace.records.driftlog import Entry
from services.studio.asking import inference
from services.studio.health import cost, promises
from services.studio.outages import told
from services.studio.reading import health as reading
from services.studio.reading import spending
from services.studio.reading.health import Look, Rejection, Webhooks
from services.studio.studio import Studio
from services.studio.wording import ago, plain

SECONDS = 30
WEBHOOK_DAYS = 7
CONSOLE = "https://console.cloud.google.com"

Line = tuple[str, str, str]
"""An icon, what it is about, and a sentence."""


def page(studio: Studio) -> None:
    """Draw it: each part by itself, for some take a second to be asked."""
    st.title("Cost and health")
    asked, deployed = _asked(studio), _deployed()
    for part in (_services, _attention):
        st.fragment(parallel=True)(part)(studio, asked)
    st.fragment(parallel=True)(promises.draw)(studio, deployed, asked)
    st.fragment(parallel=True)(cost.draw)(studio, deployed)
    _links(studio)


def _asked(studio: Studio) -> bool:
    """Inference services that have an address each may sleep, and wake when they are asked."""
    if "{" in studio.where.inference_url:
        return st.toggle("Ask the inference services too, which wakes those that sleep", key="health.wake")
    return bool(studio.where.inference_url)


def _deployed() -> str:
    """The file of infra/environments by which costs and objectives are told."""
    names = environment.names(spending.ROOT) or ("dev",)
    return st.selectbox("As deployed by", names, format_func="infra/environments/{}.tfvars".format, key="health.as")


def _services(studio: Studio, asked: bool) -> None:
    """Whether each answers; in detail where one does not, or who looks wants it."""
    with told("Whether services answer"):
        look = _look(studio, asked)
        silent = look.silent
        if silent:
            names = ", ".join(each.name for each in silent)
            said, icon = f"{len(silent)} of {len(look.checked)} services do not answer: {names}", ":material/error:"
        else:
            said, icon = f"All {len(look.checked)} services answer", ":material/check_circle:"
        with st.expander(said, icon=icon, expanded=bool(silent)):
            _table(look)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Look again", icon=":material/refresh:"):
                st.cache_data.clear()
                st.rerun()
            when = ago(look.at, studio.platform.clock.now())
            st.caption(f"Asked {when}, all at once. The page asks by itself only when it is opened.")


def _table(look: Look) -> None:
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "service": each.name,
                    "state": "✓ answers" if each.answers else "✗ silent",
                    "after": each.seconds * 1000,
                    "what it says": each.said,
                }
                for each in look.checked
            ]
        ),
        hide_index=True,
        height="content",
        alt="Every service, whether it answers and what it says",
        column_config={"after": st.column_config.NumberColumn(format="%.0f ms"), "what it says": {"width": "large"}},
    )


def _attention(studio: Studio, asked: bool) -> None:
    """One line each, whether there is something to do or not."""
    st.subheader("What may need a person")
    now = studio.platform.clock.now()
    with told("Dead letters"):
        _say(_letters(_look(studio, asked).dead_letters))
    with told("A pause of training"):
        _say(_paused(_pause(studio)))
    with told("Webhooks"):
        _say(_webhooks(_hooks(studio)))
    with told("Drift checks"):
        for line in _drift(_checks(studio), now):
            _say(line)
    with told("Rejected messages"):
        _rejections(_rejected(studio))


def _say(line: Line) -> None:
    icon, about, sentence = line
    st.markdown(f"{icon} **{about}** {sentence}")


def _letters(count: int | None) -> Line:
    if count is None:
        return ":material/help:", "Dead letters", "could not be counted: Pub/Sub does not answer."
    if count:
        way = (
            "`gcloud pubsub subscriptions pull dead-letters` shows them; the log of the service they were for says why."
        )
        return ":orange[:material/warning:]", f"{count:,} dead letters", f"wait. {way}"
    return ":green[:material/check_circle:]", "Dead letters:", "none; every message was handled."


def _paused(sentence: str) -> Line:
    if sentence:
        return ":orange[:material/pause_circle:]", "Training", f"{plain(sentence)} `headrace resume` goes on."
    return ":green[:material/check_circle:]", "Training", "is not paused."


def _webhooks(hooks: Webhooks) -> Line:
    if not hooks.told:
        return ":material/remove:", "Webhooks:", f"nothing changed in the registry in {WEBHOOK_DAYS} days."
    if hooks.missed:
        said = f"of {hooks.told:,} changes in {WEBHOOK_DAYS} days came late: the reconciler told them, and no webhook."
        return ":orange[:material/warning:]", f"Webhooks: {hooks.missed:,}", said
    said = f"told all {hooks.told:,} changes of the registry in {WEBHOOK_DAYS} days."
    return ":green[:material/check_circle:]", "Webhooks", said


def _drift(checks: Mapping[str, Entry | None], now: datetime) -> Iterator[Line]:
    for name, last in checks.items():
        if last is None:
            continue
        calm = last.verdict in ("steady", "not enough")
        icon = ":green[:material/check_circle:]" if calm else ":orange[:material/trending_up:]"
        yield icon, f"Drift of {name}", f"was looked for {ago(last.at, now)}: {plain(last.outcome)}"
    missing = [name for name, last in checks.items() if last is None]
    if missing:
        yield ":material/remove:", "Drift", f"of {', '.join(map(plain, missing))} was not looked for yet."


def _rejections(found: list[Rejection]) -> None:
    if not found:
        _say((":green[:material/check_circle:]", "Rejected messages:", "none."))
        return
    _say(
        (":orange[:material/warning:]", f"{len(found):,} rejected messages", "can never succeed; mend what sends them.")
    )
    st.dataframe(
        pd.DataFrame([{"at (UTC)": each.at, "component": each.component, "why": each.reason} for each in found]),
        hide_index=True,
        alt="Messages that were rejected, the newest first",
        column_config={
            "at (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone="UTC"),
            "why": {"width": "large"},
        },
    )


def _links(studio: Studio) -> None:
    """Where more is said: Cloud Monitoring, or this machine's own pages."""
    where, project = studio.where, quote(studio.where.project)
    st.subheader("Elsewhere")
    if where.pubsub_endpoint:
        links = {"MLflow": where.mlflow_url, "Inference": f"{where.inference_url}/docs"}
        links["Inference metrics"] = f"{where.inference_url}/metrics"
    else:
        monitoring = f"{CONSOLE}/monitoring"
        links = {
            "Dashboard": f"{monitoring}/dashboards?project={project}",
            "Objectives": f"{monitoring}/services?project={project}",
            "Alerts": f"{monitoring}/alerting?project={project}",
            "Batch jobs": f"{CONSOLE}/batch/jobs?project={project}",
            "Billing": f"{CONSOLE}/billing/linkedaccount?project={project}",
        }
    with st.container(horizontal=True):
        for name, url in links.items():
            st.link_button(name, url, icon=":material/open_in_new:")


@st.cache_data(ttl=SECONDS, show_spinner="asking every service")
def _look(_studio: Studio, asked: bool) -> Look:
    where = _studio.where
    client = inference(_studio) if asked else None
    return reading.look(_studio.platform, lambda: deadletters.count(where.project, where.pubsub_endpoint), client)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _pause(_studio: Studio) -> str:
    return reading.pause(_studio.platform.store)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _hooks(_studio: Studio) -> Webhooks:
    now = _studio.platform.clock.now()
    return reading.webhooks(_studio.platform.audit, now - timedelta(days=WEBHOOK_DAYS))


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _checks(_studio: Studio) -> Mapping[str, Entry | None]:
    return reading.drift(_studio.platform.store)


@st.cache_data(ttl=SECONDS, show_spinner=False)
def _rejected(_studio: Studio) -> list[Rejection]:
    return reading.rejections(_studio.platform.store)
