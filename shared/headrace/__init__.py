"""Headrace: drop data into a bucket, and a better model is serving."""
