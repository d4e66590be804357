"""Judges every model version against its workload's champion."""
