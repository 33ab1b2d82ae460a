"""Recency, frequency and monetary value as scores of 1 to 5 among the buyers, and the segment they name."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.customers.families import spending
from engagement_cli.customers.family import COUNT, TEXT, Column, Known, Scene, Values
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.rules import first_that_fits
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

_SCORES = 5
_SCORED = {"recency_score": "_last_bought", "frequency_score": "orders", "monetary_score": "_paid"}


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Three scores and the segment."""
    return {
        "recency_score": Column(COUNT, "count", "fifth of the buyers by days since the last purchase; 5 bought latest"),
        "frequency_score": Column(COUNT, "count", "fifth of the buyers by orders; 5 bought most often"),
        "monetary_score": Column(COUNT, "count", "fifth of the buyers by revenue; 5 brought most"),
        "rfm_segment": Column(TEXT, None, "the first of `profile.rfm` whose rule the scores fit; null for others"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """It takes what spending takes."""
    return spending.lacking(settings, known)


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """What was spent, how often, how long ago."""
    return {"days_since_purchase", "orders", "revenue"}


def needs(settings: Settings, known: Known) -> Needs:
    """Nothing of the exports."""
    return Needs(sources=frozenset())


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Nothing of a bucket."""
    return {}


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """Last purchases, orders and money of the buyers."""
    return {name: distribution(_of_buyers(table, name).drop_nulls().to_numpy()) for name in _SCORED}


def finish(table: Piece, scene: Scene) -> Makers:
    """Equal values have equal scores: the fifth in which their middle rank lies."""
    rules = scene.settings.profile.rfm
    places = {name: partial(scene.place, ("profile", "rfm", name)) for name in rules}
    return {
        **{name: partial(_fifths, table, name, scene) for name in _SCORED},
        "rfm_segment": lambda: first_that_fits(table.frame(_SCORED), rules, places),
    }


def _of_buyers(table: Piece, score: str) -> pl.Series:
    return table[_SCORED[score]].set(table["_last_bought"].is_null(), None)


def _fifths(table: Piece, score: str, scene: Scene) -> pl.Series:
    values = _of_buyers(table, score)
    percentile = scaled(values.fill_null(0).to_numpy(), scene.among[score], "percentile")
    fifth = np.minimum(np.nan_to_num(percentile) * _SCORES // 100 + 1, _SCORES).astype(np.int64)
    return pl.Series(fifth).set(values.is_null(), None)
