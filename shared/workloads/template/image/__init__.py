"""Pictures: which of the classes each belongs to."""
