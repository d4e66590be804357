"""Columns of rows in; counts on a grid that a reference laid, and how surprising those of a window are, out.

A profile is a few kilobytes a column, whatever number of rows it counts. Those of parts of a window add up to that of
the window, so that no check holds its rows in memory.
"""

from headrace.drift.answers import answer_columns, label_columns
from headrace.drift.judging import Alarm, Watched, judged, watched
from headrace.drift.profile import ANSWERS, INPUTS, LABELS, LEAST_ROWS, Profile, all_judged
from headrace.drift.reference import Reference
from headrace.drift.window import Window

__all__ = [
    "ANSWERS",
    "INPUTS",
    "LABELS",
    "LEAST_ROWS",
    "Alarm",
    "Profile",
    "Reference",
    "Watched",
    "Window",
    "all_judged",
    "answer_columns",
    "judged",
    "label_columns",
    "watched",
]
