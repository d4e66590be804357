"""Pulls what the workloads' queries return, on a schedule."""
