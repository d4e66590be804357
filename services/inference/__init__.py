"""Answers with the champion of every workload."""
