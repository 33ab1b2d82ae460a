"""Processes that measure buckets side by side: one interpreter's lock lets no two threads do so all the time."""
