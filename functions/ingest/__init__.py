"""Turns uploads into dataset versions."""
