"""Rows of numbers, made up or anybody's: which of several classes each belongs to."""
