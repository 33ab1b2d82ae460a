"""How many customers stand in each band of the scaled score, from runs of raw scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.scale import Distribution, band_of, scaled
from engagement_cli.settings.scoring import Score
from engagement_cli.timeline.cells import Cells


def band_counts(runs: Cells, group: Int64s, reference: Cells | None, settings: Score) -> NDArray[np.int64]:
    """The customers of each group (the first dimension) in each band.

    A group is a segment and a period. Each window is scaled against everybody in it, or against the frozen reference
    where there is one.
    """
    bounds = np.array(list(settings.bands.values()))
    counts, groups = runs.whole("count"), int(group[-1]) + 1 if len(group) else 0
    everybody = runs.numbers("segments") == (runs.texts[0] or ("",)).index("") if groups else np.zeros(0, np.bool_)
    value, period = runs.whole("value"), runs.numbers("period")
    order = np.argsort(period, kind="stable")
    cuts = np.flatnonzero(np.diff(period[order])) + 1
    against = None if reference is None else Distribution(reference.whole("value"), reference.whole("count"))
    band = np.full(len(group), -1, np.int64)
    for mine in np.split(order, cuts) if len(order) else ():
        whole = mine[everybody[mine]]
        to = Distribution(value[whole], counts[whole]) if against is None else against
        band[mine] = band_of(scaled(value[mine], to, settings.scale), bounds)
    known = band >= 0
    cell = group[known] * len(bounds) + band[known]
    return np.bincount(cell, counts[known], groups * len(bounds)).astype(np.int64).reshape(groups, len(bounds))
