import pytest

from headrace.workload import BadData
from workloads.sar_colorization.intake import intake


@pytest.mark.parametrize("name", ["v_2/agri/s1/ROI_s1_8_p1.png", "agri/s2/ROI_s2_8_p1.png", "ROI_s1_8_p1.png"])
def test_a_file_that_says_what_it_is_of_is_let_in_even_when_damaged(name: str) -> None:
    intake.peek(name, b"\x89PNG\r\n\x1a\n")
    intake.peek(name, b"")


def test_a_single_image_that_belongs_to_no_pair_is_refused_with_the_layout() -> None:
    with pytest.raises(BadData, match=r"holiday\.png is a single image that belongs to no pair; upload a folder of T"):
        intake.peek("holiday.png", b"\x89PNG\r\n\x1a\n")
