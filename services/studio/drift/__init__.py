"""The parts of the page "Drift": the checks over time, and one of them."""
