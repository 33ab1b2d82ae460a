"""Exports on disk → canonical lazy frames: files, headers, mappings, timestamps, numbers, identities, and faults."""
