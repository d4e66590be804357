"""What people read of a model version and of a dataset version: documents, and two ways to write one down."""
