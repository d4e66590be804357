"""What your texts are. Edit this, by the names in the header of your CSV.

Every row has a text in its column TEXT, of one of CLASSES, which its column LABEL names. A model knows a class by its
place, so append new ones at the end.
"""

TEXT = "text"
LABEL = "label"
CLASSES: tuple[str, ...] = ("negative", "positive")
