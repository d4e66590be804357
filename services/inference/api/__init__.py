"""What clients may ask, one protocol a module."""
