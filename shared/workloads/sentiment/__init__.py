"""Whether a text speaks well or ill of what it is about."""
