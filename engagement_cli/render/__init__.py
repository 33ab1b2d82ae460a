"""Showing: the only place where a value becomes text. One file a format, one file a chart.

`output.write` is the entry; `documents` says what can be shown; `messages` is how errors and warnings look.
"""
