"""Scores onto bands, and what a weight matters."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.scale import band_of
from engagement_cli.settings.scoring import Score


def bands(scores: Floats, score: Score) -> pl.Series:
    """The name of each score's band; null for NaN."""
    names = pl.Series("band", list(score.bands), dtype=pl.String)
    band = band_of(scores, np.array(list(score.bands.values())))
    return names.gather(np.maximum(band, 0)).set(pl.Series(band < 0), None)
