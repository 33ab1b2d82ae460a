"""How many pairs are open, and open for longer than a limit, at each period's end."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Int64s
from engagement_cli.metrics.parts.elapsed_pairs import Pairs, known_until
from engagement_cli.metrics.parts.grid import Grid
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import Periods


def stock(grid: Grid, pairs: Pairs, clock: Clock, every: Grain, limit: int) -> dict[str, Int64s]:
    """`open_at_end` and `overdue_at_end` of the segments and periods of a grid; `limit` is in ticks."""
    periods = clock.periods(every)
    late = pairs.take(pairs.time < LARGEST - limit)
    overdue = late.time + limit + 1  # the instant from which it is
    still = (late.ended >= overdue) & (overdue < known_until(clock))
    late, overdue = late.take(still), overdue[still]
    places = {text: place for place, text in enumerate(pairs.segments.texts)}
    segment = np.array([places.get(text, len(places)) for text in grid.names], np.int64)[grid.segment]
    return {
        "open_at_end": _levels(pairs, pairs.time, periods)[segment, grid.period],
        "overdue_at_end": _levels(late, overdue, periods)[segment, grid.period],
    }


def _levels(pairs: Pairs, begun: Int64s, periods: Periods) -> Int64s:
    """How many have begun and not ended at the end of each period, by segment, of which the last one has none."""
    shape = (len(pairs.segments.texts) + 1, len(periods) + 1)

    def so_far(times: Int64s) -> Int64s:
        cell = pairs.segments.codes * shape[1] + np.maximum(periods.index(times), 0)
        return np.cumsum(np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape), axis=1)

    return so_far(begun) - so_far(pairs.ended)
