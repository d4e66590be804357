"""What your pictures are. Edit this: each picture lies in a folder that has the name of its class.

A model knows a class by its place, so append new ones at the end. It sees a picture SIDE pixels wide and high: more
show it more, and take longer.
"""

CLASSES: tuple[str, ...] = ("squares", "triangles")
SIDE = 64
