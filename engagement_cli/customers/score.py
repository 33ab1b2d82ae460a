"""The engagement score of every customer: rows from the buckets, the scale and bands over all of them, sensitivity.

In rows, amounts are millionths of a point (Int64); in finished tables, points (Float64).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.scale import Distribution, band_of, distribution, rank_correlation, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import Score
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.weights import (
    OTHER_EVENTS,
    contributions,
    known_from,
    raw_scores,
    report_end,
    window_before,
)

CONTRIBUTION = "contribution_"
_TENTHS = 10
_CHANGES = (-2, 2)  # tenths of a weight


def score_rows(bucket: Bucket) -> pl.DataFrame:
    """One row for each customer of the bucket known before the report's end, the silent ones too.

    `id` (text, null unless ids are kept), `hash`, `raw`, `previous` (over the window before; null for customers not yet
    known then), `reference` (at the reference date; null without one, or not known then), `contribution_<event>` for
    each event that occurs and weighs anything. Needs `weights.weight_needs`.
    """
    clock, settings, known = bucket.clock, bucket.settings.score, known_from(bucket)
    window = window_before(clock, report_end(clock), settings.window)
    before = window_before(clock, window.begins, settings.window)
    parts = {f"{CONTRIBUTION}{worth.name}": amount for worth, amount in contributions(bucket, window)}
    raw = np.zeros(bucket.customers, np.int64)
    for amount in parts.values():
        raw += amount
    reference = pl.repeat(None, bucket.customers, dtype=pl.Int64, eager=True)
    if settings.reference is not None:
        then = clock.instant(settings.reference)
        reference = _where_known(raw_scores(bucket, window_before(clock, then, settings.window)), known, then)
    ids = bucket.ids if bucket.ids is not None else pl.repeat(None, bucket.customers, dtype=pl.String, eager=True)
    table = pl.DataFrame(
        {
            "id": ids,
            "hash": pl.Series(bucket.hashes, dtype=pl.UInt64),
            "raw": raw,
            "previous": _where_known(raw_scores(bucket, before), known, before.ends),
            "reference": reference,
            **parts,
        }
    )
    return table.filter(pl.Series(known < window.ends))


def _where_known(raw: Int64s, known: Int64s, instant: int) -> pl.Series:
    return pl.Series(raw).set(pl.Series(known >= instant), None)


def finish_scores(rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """One row a customer: customer, score, band, raw, previous, change, `contribution_<event>`.

    Highest score first, ties by raw score, then by id. `score` is raw on the configured scale, against the reference's
    customers where there is a reference date, else against these; `change` is raw − previous.
    """
    raw = rows["raw"].to_numpy()
    scores = scaled(raw, _against(rows, settings.score), settings.score.scale)
    finished = rows.select(
        pl.col("id").alias("customer"),
        pl.Series("score", scores).fill_nan(None),
        _bands(scores, settings.score),
        decimals(rows["raw"]),
        decimals(rows["previous"]),
        decimals(rows["raw"] - rows["previous"]).alias("change"),
        *(decimals(rows[name]) for name in rows.columns if name.startswith(CONTRIBUTION)),
    )
    return finished.sort("score", "raw", "customer", descending=[True, True, False], nulls_last=True)


def _against(rows: pl.DataFrame, score: Score) -> Distribution:
    column = rows["raw"] if score.reference is None else rows["reference"].drop_nulls()
    return distribution(column.to_numpy())


def _bands(scores: Floats, score: Score) -> pl.Series:
    names = pl.Series("band", list(score.bands), dtype=pl.String)
    band = band_of(scores, np.array(list(score.bands.values())))
    return names.gather(np.maximum(band, 0)).set(pl.Series(band < 0), None)


def sensitivity(rows: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """What a weight that is 20 % smaller or larger changes, one row an event and direction, largest effect first.

    `event`, `weight`, `weight_change` (−0.2 or 0.2), `customers_changing_band`, `share_changing_band`,
    `rank_correlation` (Spearman's, ties with mid-ranks, of raw scores before and after; null where all are equal).
    Scores before and after are each scaled against these customers, also where there is a reference date.
    """
    score, found = settings.score, []
    tenths = rows["raw"].to_numpy() * _TENTHS
    before = _bands(_self_scaled(tenths, score), score)
    for name in (c for c in rows.columns if c.startswith(CONTRIBUTION)):
        event = name.removeprefix(CONTRIBUTION)
        weight = score.default_weight if event == OTHER_EVENTS else settings.events[event].weight
        for change in _CHANGES:
            after = tenths + change * rows[name].to_numpy()
            moved = int((_bands(_self_scaled(after, score), score) != before).sum())
            found.append(
                {
                    "event": event,
                    "weight": weight,
                    "weight_change": change / _TENTHS,
                    "customers_changing_band": moved,
                    "share_changing_band": moved / rows.height if rows.height else None,
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
