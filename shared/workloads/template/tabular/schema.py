"""What your rows hold. Edit this, by the names in the header of your CSV.

Every row is of one of CLASSES, which its column LABEL names. A model learns from NUMBERS and CATEGORIES; their values
may be missing, and other columns are left alone. It knows a class by its place, so append new ones at the end.
"""

LABEL = "left"
CLASSES: tuple[str, ...] = ("no", "yes")

NUMBERS: tuple[str, ...] = ("age", "months", "monthly_fee", "support_calls")
CATEGORIES: tuple[str, ...] = ("plan", "region")
