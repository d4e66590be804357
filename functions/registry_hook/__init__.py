"""Turns MLflow's webhooks into facts."""
