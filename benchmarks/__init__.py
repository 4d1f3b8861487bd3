"""Measurements of this service beside its alternatives; `python -m benchmarks` prints them as one table."""
