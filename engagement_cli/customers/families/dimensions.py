"""Forrester's four I's: an index of 0 to 100 a customer for involvement, interaction, intimacy and influence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import get_args

import numpy as np
import polars as pl

from engagement_cli.customers.families import feedback
from engagement_cli.customers.families.score import worths_at
from engagement_cli.customers.family import NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import known_within, moments_of
from engagement_cli.kernels.arrays import LARGEST, Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.native.tallies import numbers_in, sums
from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import COUNTED_SIGNALS, FourI
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.rows import NO_NUMBER
from engagement_cli.timeline.weights import weight_needs

DIMENSIONS: tuple[FourI, ...] = get_args(FourI)
SENTIMENT = "sentiment"
_JUDGED: FourI = "influence"  # by the matrix
# Signals that have a scale of their own, and the column in millionths.
_SCALED = {**{measure: f"_{measure}_answer" for measure in feedback.MEASURES}, SENTIMENT: "_sentiment"}


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Four indexes, and influence at the start of the window."""
    days = settings.score.window.days
    found = {
        name: Column(NUMBER, "score", f"index of {name} over the last {days} days, 0 to 100; null without any signal")
        for name in DIMENSIONS
    }
    return found | {
        "influence_before": Column(
            NUMBER, "score", f"the same of influence over the {days} days before, on the scale of now"
        )
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events are the main signals."""
    return None if "events" in known else no_export("events")


def _signals(settings: Settings, dimension: FourI) -> Mapping[str, float]:
    """Weights by signal; an event whose own entry names the dimension counts by that, and not twice."""
    entry = settings.dimensions.get(dimension)
    named = {name for name, event in settings.events.items() if dimension in event.dimensions}
    return {} if entry is None else {name: share for name, share in entry.signals.items() if name not in named}


def _bounds(signal: str, settings: Settings) -> tuple[float, float]:
    """The ends of a signal's own scale."""
    return (-1.0, 1.0) if signal == SENTIMENT else feedback.survey_of(signal, settings).bounds


def _all_signals(settings: Settings) -> set[str]:
    return {name for dimension in DIMENSIONS for name in _signals(settings, dimension)}


def _named_events(settings: Settings) -> tuple[str, ...]:
    """Signals that are events, counted in the window."""
    return tuple(sorted(_all_signals(settings) - set(_SCALED) - set(COUNTED_SIGNALS)))


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """The columns that are signals."""
    return _all_signals(settings) & ({"nps", "csat", *COUNTED_SIGNALS})


def needs(settings: Settings, known: Known) -> Needs:
    """All configured events, those that are signals by name, and sentiments where events have them."""
    named = _named_events(settings)
    read = weight_needs(settings)
    return Needs(
        optional=(*read.read, *(Selection(events=(name,)) for name in named)),
        numbers=(SENTIMENT,) if SENTIMENT in known["events"] and SENTIMENT in _all_signals(settings) else (),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """By dimension and moment the events' worth in millionths; counts of events named as signals; mean sentiment."""
    settings, everything = bucket.settings, bucket.histories(bucket.rows)
    found: dict[str, Values] = {}
    for ending, window in moments_of(bucket).items():
        worth, known = worths_at(bucket)[ending], known_within(bucket, window)
        found |= {f"_{dimension}_worth{ending}": worth[dimension] for dimension in DIMENSIONS}
        for name in _named_events(settings):
            count = sums(everything, bucket.mask(Selection(events=(name,))).astype(np.int64), known)
            cap = settings.events[name].cap if name in settings.events else None
            found[f"_{name}_count{ending}"] = np.minimum(count, cap or LARGEST)
        if SENTIMENT in bucket.valued.numbers:
            felt = numbers_in(bucket.histories(bucket.valued), bucket.valued.numbers[SENTIMENT], NO_NUMBER, known)
            found[f"_{SENTIMENT}{ending}"] = _mean(*felt)
    return found


def _mean(total: Int64s, count: Int64s) -> Floats:
    """NaN without any."""
    return np.where(count == 0, np.nan, total / np.maximum(count, 1))


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """Amounts of what is counted; of influence also who has an index by what is scaled alone (1), or with both (2)."""
    at = "_reference" if scene.settings.score.reference else ""
    asked = [dimension for dimension in DIMENSIONS if dimension in scene.wanted or dimension == _JUDGED]
    against = {dimension: _amount(table, dimension, at, scene) for dimension in asked}
    now = _amount(table, _JUDGED, "", scene) if at else against[_JUDGED]
    alone = np.zeros(table.height)
    for _, values, share in _on_scales(table, _JUDGED, "", scene):
        alone += values.is_not_null().to_numpy() * share
    known = (alone > 0) + 2 * (alone + (now != 0) > 0)
    found = {f"{_JUDGED} known": distribution(known.astype(np.int64))}
    return found | {dimension: distribution(amount[amount != 0]) for dimension, amount in against.items()}


def anybody(scene: Scene) -> bool:
    """Whether any customer has an index of influence."""
    bit = 2 if scene.among[_JUDGED].size else 1
    return bool((scene.among[f"{_JUDGED} known"].values & bit).any())


def finish(table: Piece, scene: Scene) -> Makers:
    """Of each dimension the weighted mean of its scaled signals and of the index of what is counted (weight 1)."""
    found: dict[str, Callable[[], pl.Series]] = {name: partial(_index, table, name, "", scene) for name in DIMENSIONS}
    return found | {f"{_JUDGED}_before": partial(_index, table, _JUDGED, "_before", scene)}


def _index(table: Piece, dimension: FourI, ending: str, scene: Scene) -> pl.Series:
    counted = _counted_index(table, dimension, ending, scene)
    there = ~np.isnan(counted)
    total, weight = np.where(there, counted, 0.0), there.astype(np.float64)
    for mapped, share in _mapped(table, dimension, ending, scene):
        there = ~np.isnan(mapped)
        total += np.where(there, mapped, 0.0) * share
        weight += there * share
    index = np.full(table.height, np.nan)
    np.divide(total, weight, out=index, where=weight > 0)
    return pl.Series(index, nan_to_null=True)


def _mapped(table: Piece, dimension: FourI, ending: str, scene: Scene) -> Iterator[tuple[Floats, float]]:
    """The dimension's scaled signals, from 0 to 100 and NaN where there is none, with their weights."""
    for name, values, share in _on_scales(table, dimension, ending, scene):
        low, high = _bounds(name, scene.settings)
        points = values.cast(pl.Float64).to_numpy() * (1 / MICRO)  # as Polars divides by a constant
        yield np.clip((points - low) * (100 / (high - low)), 0, 100), share


def _on_scales(table: Piece, dimension: FourI, ending: str, scene: Scene) -> Iterator[tuple[str, pl.Series, float]]:
    """The dimension's signals that have scales of their own: name, values in millionths, weight."""
    for name, share in _signals(scene.settings, dimension).items():
        if name in _SCALED and (values := _of_moment(table, _SCALED[name], ending)) is not None:
            yield name, values, share


def _counted_index(table: Piece, dimension: FourI, ending: str, scene: Scene) -> Floats:
    """What is counted, scaled among those of whom anything is; NaN of the others."""
    amount, scale = _amount(table, dimension, ending, scene), scene.settings.score.scale
    index = scaled(amount, scene.among[dimension], "percentile" if scale == "none" else scale)
    index[amount == 0] = np.nan
    return index


def _amount(table: Piece, dimension: FourI, ending: str, scene: Scene) -> Int64s:
    """Σ weight × count of the dimension's events and counted signals, in millionths."""
    amount = table[f"_{dimension}_worth{ending}"].to_numpy().copy()
    for name, weight in _signals(scene.settings, dimension).items():
        if name in _SCALED:
            continue
        column = name if name in COUNTED_SIGNALS else f"_{name}_count"
        if (counts := _of_moment(table, column, ending)) is not None:
            amount += counts.fill_null(0).to_numpy().astype(np.int64) * round(weight * MICRO)
    return amount


def _of_moment(table: Piece, column: str, ending: str) -> pl.Series | None:
    """A column as of a moment; where it has no such, as it is; None where the table lacks it."""
    return next((table[name] for name in (f"{column}{ending}", column) if name in table), None)
