"""What was shared of contents since they appeared, and how soon half of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.runs import lengths
from engagement_cli.timeline.cells import Cells

_COLUMNS = ("shares", "in_24h", "in_7d", "half")
_AT_ONCE = 1 << 20  # rows, so that a few columns of them are no matter


def shares_since(shares: Cells, runs: Int64s, origins: Int64s, day: int) -> dict[str, Int64s]:
    """One row a run of shares in the order of their `time`: those since its origin (an instant), by `count`.

    `shares`, `in_24h`, `in_7d`, and `half`: the ticks from the origin to half of them, 0 where there are none. `day`
    has so many ticks.
    """
    found = [
        _since(shares.take(rows), runs[of] - rows.start, origins[of], day) for of, rows in _pieces(runs, len(shares))
    ]
    none = [np.zeros(0, np.int64)]
    return {name: np.concatenate([*none, *(part[name] for part in found)]) for name in _COLUMNS}


def _pieces(runs: Int64s, rows: int) -> Iterator[tuple[slice, slice]]:
    """Runs, and the rows of them, about a million at a time."""
    ends = np.append(runs, rows)
    cuts = np.unique(np.append(np.searchsorted(runs, np.arange(0, rows, _AT_ONCE)), len(runs))).tolist()
    for first, end in pairwise(cuts):
        yield slice(first, end), slice(int(ends[first]), int(ends[end]))


def _since(shares: Cells, runs: Int64s, origins: Int64s, day: int) -> dict[str, Int64s]:
    times, counts = shares.numbers("time"), shares.numbers("count")
    origin = np.repeat(origins, lengths(runs, len(times)))
    counts = np.where(times >= origin, counts, 0)
    offsets = times - origin
    whole, in_day, in_week = (
        np.add.reduceat(each, runs) for each in (counts, counts * (offsets < day), counts * (offsets < 7 * day))
    )
    so_far = np.cumsum(counts)
    before = so_far[runs] - counts[runs]
    half = offsets[np.minimum(np.searchsorted(so_far, before + (whole + 1) // 2), len(times) - 1)]
    return dict(zip(_COLUMNS, (whole, in_day, in_week, np.where(whole > 0, half, 0)), strict=True))
