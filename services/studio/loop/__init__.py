"""The parts of the page "Loop": the picture, the jobs, the story of a dataset version, and what may be decided."""
