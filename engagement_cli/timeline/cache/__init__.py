"""Timelines that are kept: sorted event rows by customer in a folder, so that a second report need not read exports."""
