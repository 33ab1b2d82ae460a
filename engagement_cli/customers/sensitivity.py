"""Whether a weight of the engagement score matters: what changes where it is a little smaller or larger."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.customers.families.score import CONTRIBUTION, weight_of
from engagement_cli.customers.scaling import bands
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.scale import distribution, rank_correlation, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import Score

_TENTHS = 10
_CHANGES = (-2, 2)  # tenths of a weight


def sensitivity(table: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """What a weight that is 20 % smaller or larger changes, one row an event and direction, largest effect first.

    `event`, `weight`, `weight_change` (−0.2 or 0.2), `customers_changing_band`, `share_changing_band`,
    `rank_correlation` (Spearman's, ties with mid-ranks, of raw scores before and after; null where all are equal).
    Scores before and after are each scaled against these customers, also where there is a reference date.
    """
    score, found = settings.score, []
    tenths = _millionths(table["raw"]) * _TENTHS
    before = bands(_self_scaled(tenths, score), score)
    for name in (c for c in table.columns if c.startswith(CONTRIBUTION)):
        event, weight = name.removeprefix(CONTRIBUTION), weight_of(name, settings)
        for change in _CHANGES:
            after = tenths + change * _millionths(table[name])
            moved = int((bands(_self_scaled(after, score), score) != before).sum())
            found.append(
                {
                    "event": event,
                    "weight": weight,
                    "weight_change": change / _TENTHS,
                    "customers_changing_band": moved,
                    "share_changing_band": moved / table.height if table.height else None,
                    "rank_correlation": rank_correlation(tenths, after),
                }
            )
    order = ["customers_changing_band", "rank_correlation", "event", "weight_change"]
    return pl.DataFrame(found, schema=_SENSITIVITY).sort(order, descending=[True, False, False, False])


_SENSITIVITY = {
    "event": pl.String,
    "weight": pl.Float64,
    "weight_change": pl.Float64,
    "customers_changing_band": pl.Int64,
    "share_changing_band": pl.Float64,
    "rank_correlation": pl.Float64,
}


def _self_scaled(tenths: Int64s, score: Score) -> Floats:
    """Tenths of raw scores scaled against themselves: ranks and shares of the largest do not mind the factor."""
    scores = scaled(tenths, distribution(tenths), score.scale)
    return scores / _TENTHS if score.scale == "none" else scores


def _millionths(points: pl.Series) -> Int64s:
    """Points as the whole millionths that they were."""
    return np.asarray(np.rint(points.to_numpy() * MICRO), np.int64)
