"""Engines run the line from scan to merge; `local` on this machine's cores."""
