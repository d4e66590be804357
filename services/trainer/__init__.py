"""Decides what to train, and trains it."""
