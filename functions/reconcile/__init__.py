"""Makes up for what was lost."""
