"""Exported graphs: opened, quantised, scored."""
