"""Files as they are dropped in; stretches of their rows out: one form a module.

Every task reads a file from its beginning, for where a row of a CSV begins is known only to who has read what is before
it. So a stretch is the same whoever comes to it, and passing over one costs next to nothing.
"""
