"""YAML → validated settings: every problem of a file at once, with file and line; JSON Schema from the same models."""
