"""Small pictures made of characters: a line of bars through time, and one bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

_HEIGHTS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
GAP = "·"
BAR = 20  # characters of the longest bar


def sparkline(values: Sequence[float | None]) -> str:
    """One character a value, from the lowest (▁) to the highest (█); equal values stand half high, a gap is a dot."""
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return GAP * len(values)
    low, high = min(known), max(known)
    # Halves before subtracting, so that no range overflows.
    span = high / 2 - low / 2

    def height(value: float | None) -> str:
        if value is None or not math.isfinite(value):
            return GAP
        return _HEIGHTS[round((value / 2 - low / 2) / span * 7)] if span > 0 else _HEIGHTS[3]

    return "".join(height(v) for v in values)


def bar(value: float | None, largest: float, width: int) -> str:
    """A bar of `value ÷ largest` of `width` characters, to an eighth of one; what is more than nothing shows."""
    if value is None or not math.isfinite(value) or not largest > 0 or value <= 0:
        return ""
    eighths = max(1, round(min(value / largest, 1.0) * width * 8))
    return _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
