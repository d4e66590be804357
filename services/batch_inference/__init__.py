"""Scores what was dropped to be scored, in as many tasks as its size asks for."""
