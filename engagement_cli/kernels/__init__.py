"""Exact algorithms on rows sorted by (customer, time): NumPy in, NumPy out, no settings and no files."""
