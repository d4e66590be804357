"""Texts: which of the classes each belongs to."""
