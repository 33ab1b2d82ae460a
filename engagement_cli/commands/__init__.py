"""The commands, one file each: options in, one call, one render; no arithmetic.

Only typer and the error types are imported at the top of these files, so that `--help` starts at once; what a command
works with is imported when it runs.
"""
