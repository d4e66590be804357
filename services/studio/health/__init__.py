"""The parts of the page "Cost and health": what a month costs, and what was promised."""
