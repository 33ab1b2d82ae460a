"""The one-row-a-customer table: score, dimensions, segments, signals."""
