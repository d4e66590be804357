import random
from io import BytesIO

import pytest
from PIL import Image

from headrace.options.challenger import Challenger
from services.inference.trying.agreement import differences
from services.inference.trying.evidence import LEAST_REQUESTS, SURE, Evidence, Side, wilson

RULE = Challenger(mode="canary", requests=1000, max_error_gain=0.01, max_latency_ratio=1.5, max_disagreement=0.1)


def _aborted_after(draws: random.Random, challenger: float, champion: float) -> int | None:
    """After how many of a canary's requests it is given up, where so many fail of each side's."""
    evidence = Evidence()
    while evidence.challenger.requests < RULE.requests:
        for side, rate in (*[(evidence.champion, champion)] * 9, (evidence.challenger, challenger)):
            side.failed() if draws.random() < rate else side.answered()
        if evidence.challenger.requests >= LEAST_REQUESTS and evidence.faults(RULE, SURE):
            return evidence.challenger.requests
    return None


def test_a_challenger_that_is_as_good_is_hardly_ever_given_up_early() -> None:
    draws = random.Random(0)
    assert sum(_aborted_after(draws, 0.02, 0.02) is not None for _ in range(150)) <= 3


def test_a_challenger_that_fails_a_tenth_of_the_time_is_given_up_long_before_the_end() -> None:
    draws = random.Random(0)
    after = [_aborted_after(draws, 0.1, 0.0) for _ in range(50)]
    assert None not in after
    assert sorted(each for each in after if each)[25] < 300


def test_at_the_end_a_bound_that_is_passed_by_a_little_is_passed() -> None:
    evidence = Evidence(Side(1000, 0), Side(1000, 11))
    assert not evidence.faults(RULE, SURE)
    (fault,) = evidence.faults(RULE, 0.0)
    assert (
        fault == "11 of its 1000 requests failed, 0 of the champion's 1000; 1.00% more than the champion's are allowed"
    )
    assert not Evidence(Side(1000, 1), Side(1000, 11)).faults(RULE, 0.0)


def test_typical_latency_is_not_moved_by_a_few_slow_requests() -> None:
    evidence = Evidence()
    for number in range(200):
        evidence.champion.answered(0.001)
        evidence.challenger.answered(0.1 if number % 50 == 0 else 0.0011)
    assert not evidence.faults(RULE, 0.0)
    for _ in range(200):
        evidence.challenger.answered(0.003)
    (fault,) = evidence.faults(RULE, SURE)
    assert fault.endswith("times as long as the champion; 1.5 times is allowed")


def test_the_bounds_of_a_rate_hold_it_and_close_in_on_it() -> None:
    low, high = wilson(0.1, 50, 2.0)
    assert (round(low, 3), round(high, 3)) == (0.043, 0.216)
    closer = wilson(0.1, 5000, 2.0)
    assert low < closer[0] < 0.1 < closer[1] < high
    assert wilson(0.0, 0, 2.0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"label": "a", "p": 0.1}, {"label": "a", "p": 0.9}, 0),
        ({"label": "a"}, {"label": "b"}, 1),
        ({"label": "a"}, {}, 1),
        ({"score": 100}, {"score": 104.9}, 0),
        ({"score": 100}, {"score": 105.1}, 1),
        ({"score": -100.0}, {"score": -104.0}, 0),
        ({"score": 0}, {"score": 0}, 0),
        ({"score": 1}, {"score": "1"}, 1),
        ({"score": 1.0, "unit": "m"}, {"score": 1.0, "unit": "ft"}, 1),
    ],
)
def test_labels_differ_or_do_not_and_numbers_beyond_the_tolerance(
    old: dict[str, object], new: dict[str, object], found: float
) -> None:
    assert differences([old], [new], tolerance=0.05) == [found]


def test_of_images_it_is_the_mean_difference_of_their_pixels() -> None:
    def png(grey: int, side: int = 4) -> bytes:
        file = BytesIO()
        Image.new("RGB", (side, side), (grey, grey, grey)).save(file, "PNG")
        return file.getvalue()

    old = {"image": png(0), "width": 4}
    for new, found in ((png(0), 0.0), (png(51), 0.2), (png(255), 1.0), (png(0, side=5), 1.0)):
        assert differences([old], [{"image": new}], tolerance=0.05) == [pytest.approx(found)]
