"""Findings about a configuration and its exports, before a run: structure, quality, freshness. One idea a file."""
