"""Holds what was predicted against what the champion was trained on."""
