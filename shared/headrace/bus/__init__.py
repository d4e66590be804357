"""How facts travel: their envelope, who handles them, and what must be done only once."""
