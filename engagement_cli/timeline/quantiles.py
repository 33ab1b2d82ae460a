"""Exact quantiles of runs: a value among a state's keys, and how often it occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.runs import lengths, starts

Floats = NDArray[np.float64]


def quantile(runs: pl.DataFrame, value: str, count: str, share: float, by: Sequence[str]) -> pl.DataFrame:
    """`quantiles` for one share: column `value` as Float64."""
    return quantiles(runs, value, count, {value: share}, by)


def quantiles(
    runs: pl.DataFrame, value: str, count: str, shares: Mapping[str, float], by: Sequence[str]
) -> pl.DataFrame:
    """Exact quantiles of runs: for each group `by`, the values at the shares (0.5: the median) by name, as Float64.

    Between two values it takes their linear interpolation at position share × (n − 1), as most tools do.
    """
    ordered = runs.sort(*by, value)
    if ordered.is_empty():
        return ordered.select(*by, **{name: pl.col(value).cast(pl.Float64) for name in shares})
    group = ordered.select(pl.struct(by).rle_id()).to_series().to_numpy() if by else np.zeros(ordered.height, np.int64)
    first = starts(group)
    up_to = np.cumsum(ordered[count].cast(pl.Int64).to_numpy())
    before = np.append(0, up_to)[first]
    last = up_to[first + lengths(first, ordered.height) - 1] - before - 1
    values = ordered[value].to_numpy()

    def at(place: Floats) -> Floats:
        return values[np.searchsorted(up_to, before + place.astype(np.int64), side="right")].astype(np.float64)

    def between(position: Floats) -> Floats:
        low = np.floor(position)
        return at(low) + (at(np.ceil(position)) - at(low)) * (position - low)

    found = [pl.Series(name, between(last * share)) for name, share in shares.items()]
    return ordered[list(by)][first].hstack(found) if by else pl.DataFrame(found)
