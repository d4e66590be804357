"""Rows of numbers and categories: which of the classes each belongs to."""
