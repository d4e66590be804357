"""The ports on Google's clients and on MLflow; vendor errors are translated at the call."""
