"""How many customers stand in each band of the scaled score, from runs of raw scores."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.scale import Distribution, band_of, scaled
from engagement_cli.settings.scoring import Score


def band_counts(runs: pl.DataFrame, reference: pl.DataFrame, settings: Score) -> pl.DataFrame:
    """Columns `customers_<band>` by segment and period.

    Each window is scaled against everybody in it, or against the frozen reference where there is one.
    """
    names, bounds = list(settings.bands), np.array(list(settings.bands.values()))
    parts = []
    for (period,), whole in runs.filter(pl.col("segments") == "").group_by("period", maintain_order=True):
        against = _distribution(whole if settings.reference is None else reference)
        mine = runs.filter(pl.col("period") == period)
        band = band_of(scaled(mine["value"].to_numpy(), against, settings.scale), bounds)
        parts.append(mine.with_columns(pl.Series("band", band)))
    found = pl.concat(parts) if parts else runs.clear().with_columns(band=pl.lit(0))
    return found.group_by("segments", "period").agg(
        pl.col("count").filter(pl.col("band") == i).sum().alias(f"customers_{name}") for i, name in enumerate(names)
    )


def _distribution(runs: pl.DataFrame) -> Distribution:
    runs = runs.sort("value")
    return Distribution(runs["value"].to_numpy(), runs["count"].cast(pl.Int64).to_numpy())
