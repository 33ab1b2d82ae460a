"""Exact quantiles of runs: states whose last key is a value, with how often it occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import lengths
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.state import StateTable

Floats = NDArray[np.float64]


def quantile(runs: Cells, value: str, count: str, share: float, by: Sequence[str]) -> tuple[Cells, Floats]:
    """`quantiles` for one share."""
    groups, found = quantiles(runs, value, count, {value: share}, by)
    return groups, found[value]


def quantiles(
    runs: Cells, value: str, count: str, shares: Mapping[str, float], by: Sequence[str]
) -> tuple[Cells, dict[str, Floats]]:
    """Exact quantiles of runs: a cell for each group `by`, and by name the values of these at the shares (0.5: median).

    Between two values it takes their linear interpolation at position share × (n − 1), as most tools do.
    """
    if [*runs.schema] != [*by, value, count]:
        runs = _of_keys([*by, value], count, runs)
    first = runs.runs(len(by))
    up_to = np.cumsum(runs.numbers(count))
    before = np.append(0, up_to)[first]
    last = up_to[first + lengths(first, len(runs)) - 1] - before - 1

    def at(place: Floats) -> Floats:
        row = np.searchsorted(up_to, before + place.astype(np.int64), side="right")
        return runs.take(row).numbers(value).astype(np.float64)

    def between(position: Floats) -> Floats:
        low = np.floor(position)
        return at(low) + (at(np.ceil(position)) - at(low)) * (position - low)

    return runs.take(first), {name: between(last * share) for name, share in shares.items()}


def _of_keys(keys: Sequence[str], count: str, runs: Cells) -> Cells:
    """Runs by some of their keys, in another order."""
    table = StateTable({key: runs.schema[key] for key in keys}, {count: "sum"})
    return table.of({**runs.keys(*keys), count: runs.value(count)})
