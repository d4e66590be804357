"""The picture of the loop, and the same as a sentence and as a list."""

from datetime import datetime, timedelta

from services.studio.loop import dot, picture
from services.studio.loop.picture import lasted
from services.studio.reading.loop.hops import Carried, Hop, Loop, Stop

NOW = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
LOOP = Loop(
    (
        Stop("data", "bucket", "idle"),
        Stop("ingest", "cloud_event", "idle"),
        Stop("trainer", "cloud_event", "paused", "paused"),
        Stop("training", "job", "working", "2 running, 1 waiting"),
        Stop("drift", "job", "idle"),
        Stop("notify", "cloud_event", "idle"),
    ),
    (
        Hop("ingest", "trainer", (Carried("DatasetReady", 3, NOW - timedelta(seconds=40)),), working=True),
        Hop("drift", "trainer", (Carried("DriftDetected", 0),), working=False),
        Hop("ingest", "notify", (Carried("DatasetRejected", 1, NOW - timedelta(hours=3)),), working=False),
    ),
)


def test_what_works_is_told_from_what_rests_by_a_mark_and_a_thicker_line_too() -> None:
    drawn = dot.dot(LOOP, dot.LIGHT).splitlines()
    (working,) = [line for line in drawn if "ingest -> trainer" in line]
    (resting,) = [line for line in drawn if "drift -> trainer" in line]
    assert "\u25b6 Dataset\\nReady\\n×3" in working
    assert "penwidth=3" in working
    assert "\u25b6" not in resting
    assert "dashed" in resting
    (paused,) = [line for line in drawn if line.startswith("  trainer [")]
    assert "\u23f8 trainer\\npaused" in paused
    (training,) = [line for line in drawn if line.startswith("  training [")]
    assert "training\\n2 running\\n1 waiting" in training


def test_what_stands_beside_the_loop_is_drawn_only_when_it_is_asked_for() -> None:
    assert "notify" not in dot.dot(LOOP, dot.DARK)
    assert "ingest -> notify" in dot.dot(LOOP, dot.DARK, {stop.name for stop in LOOP.stops})


def test_a_hop_that_leads_back_keeps_the_columns_in_their_order() -> None:
    back = Loop(LOOP.stops, (Hop("training", "ingest", (Carried("X", None),), working=False),))
    assert "ingest -> training [" in dot.dot(back, dot.LIGHT)
    assert "dir=back" in dot.dot(back, dot.LIGHT)


def test_the_picture_is_said_in_a_sentence() -> None:
    assert picture.said(LOOP, dot.MAIN) == (
        "At work: trainer (paused), training (2 running, 1 waiting). Hops that carried something: ingest to trainer."
    )
    assert picture.said(Loop((Stop("data", "bucket", "idle"),), ()), dot.MAIN).startswith("The loop rests")


def test_the_list_has_who_is_at_work_and_every_hop_that_carried_something_the_last_one_first() -> None:
    everything = picture.listed(LOOP, NOW, {stop.name for stop in LOOP.stops}).splitlines()
    assert [line.rpartition(": ")[2] for line in everything[-2:]] == [
        "DatasetReady ×3, 40 s ago",
        "DatasetRejected ×1, 3 h ago",
    ]
    assert "notify" not in picture.listed(LOOP, NOW, dot.MAIN)
    assert picture.listed(Loop((), ()), NOW, dot.MAIN) == "Nothing went over any hop of the loop in this time."


def test_a_stretch_of_time_is_said_as_people_say_it() -> None:
    said = [lasted(seconds) for seconds in (-0.2, 0.04, 9.94, 10, 119, 120, 7199, 7200, 172_800)]
    assert said == ["0.0 s", "0.0 s", "9.9 s", "10 s", "119 s", "2 min", "120 min", "2 h", "2 days"]
