"""The parts of the page "Data": one version, and what is sent."""
