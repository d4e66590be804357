"""Two versions in; every number that was found of both, drawn beside each other and against its bound."""

from collections.abc import Mapping, Sequence

import streamlit as st

from headrace.policy.promotion import Promotion
from headrace.policy.verdict import Gap, Group, Interval, Verdict
from services.studio.charts import versions as charts
from services.studio.reading import comparing
from services.studio.reading.comparing import Score, Taken
from services.studio.reading.versions import Seen
from services.studio.wording import plain

SHAPES = ("circle", "diamond")
CALIBRATION = ("brier", "ece")


def draw(policy: Promotion, ours: Seen, found: Verdict, theirs: Seen | None, other: Verdict | None) -> None:
    """All of it; what nothing was found of is left out, or said to be missing where people would look for it."""
    if not found.scores:
        st.info(f"{ours.name} has no scores: {plain('; '.join(ours.reasons)) or 'it is not judged yet'}.")
        return
    if caveat := comparing.caveat(ours, theirs):
        st.warning(caveat, icon=":material/balance:")
    listed = comparing.scores(policy, ours, found, theirs, other)
    _gain(policy, ours, found, theirs)
    _scores("Scores", [each for each in listed if each.metric not in CALIBRATION], ours, theirs)
    _scores("Calibration", [each for each in listed if each.metric in CALIBRATION], ours, theirs)
    _slices(found, ours, theirs)
    _fairness(policy, found)
    _taken(comparing.taken(policy, ours.measured, theirs.measured if theirs else None), ours, theirs)


def _gain(policy: Promotion, ours: Seen, found: Verdict, theirs: Seen | None) -> None:
    if found.gain is None or (theirs and ours.against != theirs.number):
        return
    st.subheader(f"Gain over version {ours.against}")
    lines = {"as good as the champion": 0.0, **({"the least gain": policy.min_gain} if policy.min_gain else {})}
    title = f"gain in {policy.metric}, {policy.confidence:.0%} interval"
    chart = charts.whiskers({ours.name: found.gain}, lines, title, SHAPES)
    st.altair_chart(chart, alt=f"{title}: {found.gain:+.4f}")
    least = f" and reach {policy.min_gain:g}" if policy.min_gain else ""
    st.caption(
        f"{found.gain:+.4f}. To be promoted the whole interval has to lie above 0{least}; "
        "both were scored on the same resampled rows."
    )


def _scores(title: str, listed: Sequence[Score], ours: Seen, theirs: Seen | None) -> None:
    if not listed:
        return
    st.subheader(title)
    if title == "Calibration":
        st.caption(
            "How far its probabilities are from what came true: Brier score and expected error (ece), 0 at best. "
            "Resampled rows have more expected error than the rows themselves, so that its interval may lie above it."
        )
    with st.grid(2, min_column_width=300, gap="small"):
        for score in listed:
            _score(score, ours, theirs)


def _score(score: Score, ours: Seen, theirs: Seen | None) -> None:
    points = {ours.name: score.ours} | ({theirs.name: score.theirs} if theirs and score.theirs else {})
    lines = {"the floor": score.floor, "the ceiling": score.ceiling}
    with st.container():
        kept = {
            None: "",
            True: f" · :green[:material/check:] {score.bound}",
            False: f" · :red[:material/close:] {score.bound}",
        }
        decides = " · decides" if score.decides else ""
        st.markdown(f"**{plain(score.metric)}**{decides}{kept[score.holds]}")
        st.altair_chart(
            charts.whiskers(points, {word: at for word, at in lines.items() if at is not None}, score.metric, SHAPES),
            alt=f"{score.metric}: {_told(points)}",
        )
        st.caption(_told(points))


def _told(points: Mapping[str, Interval]) -> str:
    return " · ".join(f"{name} {_number(each)}" for name, each in points.items())


def _number(interval: Interval) -> str:
    return f"{interval.estimate:.4f}" if interval.low == interval.high else f"{interval:.4f}"


def _rival(ours: Seen, theirs: Seen | None) -> str:
    """The version that its groups were held against."""
    if theirs and theirs.number == ours.against:
        return theirs.name
    return f"version {ours.against}" if ours.against else ""


def _slices(found: Verdict, ours: Seen, theirs: Seen | None) -> None:
    by_slice = comparing.slices(found)
    if not by_slice:
        return
    st.subheader("Slices")
    st.caption("Groups of the same test set. What the policy guards is marked; too few rows are shown and not judged.")
    rival = _rival(ours, theirs)
    for name, groups in by_slice.items():
        guarded = " · :material/shield: guarded by the policy" if any(group.judged for group in groups) else ""
        st.markdown(f"**{plain(name)}**{guarded}")
        metric = groups[0].metric
        rows = [
            {"group": group.name, "version": who, "score": score, "rows": group.rows}
            for group in groups
            for who, score in ((ours.name, group.score), (rival, group.champion_score))
            if who and score is not None and score == score
        ]
        st.altair_chart(charts.dumbbells(rows, metric, [ours.name, rival]), alt=f"{metric} by {name}")
        for group in groups:
            if group.gain:
                st.warning(
                    f"{plain(group.name)}: {group.gain:+.4f} against the champion", icon=":material/trending_down:"
                )
        with st.expander(f"As a table, {len(groups)} groups"):
            st.dataframe([_group(group) for group in groups], hide_index=True, alt=f"{metric} by {name}")


def _group(group: Group) -> Mapping[str, object]:
    return {
        "group": group.name,
        "rows": group.rows,
        group.metric: group.score,
        "champion": group.champion_score,
        "loss": f"{group.gain:+.4f}" if group.gain else None,
        "judged": group.judged,
    }


def _fairness(policy: Promotion, found: Verdict) -> None:
    st.subheader("Fairness")
    if not policy.fairness:
        st.caption(
            "The workload names no protected column, so no groups were compared. `promotion.fairness` in its "
            "workload.yaml names one."
        )
        return
    with st.grid(2, min_column_width=300, gap="small"):
        for gap in found.gaps:
            _gap(gap)


def _gap(gap: Gap) -> None:
    name = f"{gap.measure} by {gap.slice}"
    with st.container():
        kept = gap.difference.high <= gap.limit
        mark = ":green[:material/check:] within" if kept else ":red[:material/close:] not shown to be within"
        st.markdown(f"**{plain(name)}** · {mark} {gap.limit:g}")
        chart = charts.whiskers({"difference": gap.difference}, {"the limit": gap.limit}, "widest difference", SHAPES)
        st.altair_chart(chart, alt=f"{name}: {gap.difference:.3f}, limit {gap.limit:g}")
        rates = ", ".join(f"{plain(group)} {rate:.1%}" for group, rate in gap.rates.items()) or "too few rows"
        st.caption(f"{gap.difference:.3f}; {rates}")


def _taken(listed: Sequence[Taken], ours: Seen, theirs: Seen | None) -> None:
    if not listed:
        return
    st.subheader("Latency, size and age")
    rows = [
        {
            "what": each.what,
            ours.name: _unit(each.ours, each.unit),
            **({theirs.name: _unit(each.theirs, each.unit)} if theirs else {}),
            "at most": _unit(each.limit, each.unit) or "no budget",
            "of the budget": each.share,
            "kept": {None: "–", True: "yes", False: "no"}[None if each.share is None else each.share <= 1],
        }
        for each in listed
    ]
    st.dataframe(
        rows,
        hide_index=True,
        alt="What the exported model takes, against its budgets",
        column_config={"of the budget": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
    )
    st.caption("Measured by the evaluator, on one core, as the two were judged.")


def _unit(value: float | None, unit: str) -> str:
    if unit == "days" and value is not None:
        return "less than a day" if value < 1 else f"{value:.0f} days"
    return "" if value is None else f"{value:.3g} {unit}".strip()
