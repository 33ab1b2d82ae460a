"""Event rows straight from the pages of Parquet files: a text in a dictionary is hashed once, not row by row."""
