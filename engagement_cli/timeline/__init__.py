"""The timeline: rows spread once over customer buckets, each sorted once by customer and time."""
