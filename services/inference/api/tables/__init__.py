"""Tables as clients of MLflow send them in; instances out: one form a module."""
