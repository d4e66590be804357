"""The tracking server and model registry."""
