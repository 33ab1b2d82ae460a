"""The engagement score: raw, before, on its scale, its band and trend, and what each event contributes."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import get_args

import polars as pl

from engagement_cli.customers.family import NUMBER, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.scaling import bands
from engagement_cli.customers.windows import known_values, moments_of
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.settings.scoring import FourI
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import OTHER_EVENTS, event_worths, known_from, points, weight_needs

CONTRIBUTION = "contribution_"
RAW = "raw"
SHARE = f"_{CONTRIBUTION}"  # of rows, in millionths
_STEADY = 0.1


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Score, band, raw score now and before, trend; contributions come with the events that occur."""
    days = settings.score.window.days
    return {
        "score": Column(NUMBER, "score", f"engagement score of the last {days} days on its scale"),
        "band": Column(TEXT, None, "band of the score"),
        "band_before": Column(TEXT, None, "band of previous, among the customers known then"),
        "raw": Column(NUMBER, "score", f"raw engagement score of the last {days} days"),
        "previous": Column(NUMBER, "score", f"raw engagement score of the {days} days before; null if not known then"),
        "change": Column(NUMBER, "score", "raw − previous"),
        "relative_change": Column(NUMBER, "ratio", "change ÷ previous; null where previous is not above 0"),
        "trend": Column(TEXT, None, f"up or down where raw moved by more than {_STEADY:.0%} of previous, else steady"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """The score weighs events."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """All configured events."""
    return weight_needs(settings)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Raw scores in millionths of a point; null where no configured event occurs in the export."""
    known = known_from(bucket)
    occurs = all(bucket.mask(selection).any() for selection in weight_needs(bucket.settings).selections)
    return {
        f"_worth{ending}": known_values(worths_at(bucket)[ending][RAW], (known < window.ends) & occurs)
        for ending, window in moments_of(bucket).items()
    }


def worths_at(bucket: Bucket) -> Mapping[str, Mapping[str, Int64s]]:
    """By the windows' endings, what all events (`RAW`) and those of each of the four I's add, in millionths."""

    def make() -> Mapping[str, Mapping[str, Int64s]]:
        # In order they take one pass over the rows.
        windows = sorted(moments_of(bucket).items(), key=lambda moment: moment[1].ends)
        events, dimensions = bucket.settings.events, get_args(FourI)
        of_each = [{name for name, e in events.items() if dimension in e.dimensions} for dimension in dimensions]
        names = {worth.name for worth in event_worths(bucket)}
        found = points(bucket, [window for _, window in windows], [names, *of_each])
        sums = (RAW, *dimensions)
        return {ending: dict(zip(sums, found[i], strict=True)) for i, (ending, _) in enumerate(windows)}

    return bucket.shared("worths at", make)


def shares(bucket: Bucket) -> Mapping[str, Values]:
    """What each event that occurs and weighs anything adds to the raw score of now, in millionths."""
    names = [worth.name for worth in event_worths(bucket)]
    found = points(bucket, [moments_of(bucket)[""]], [{name} for name in names])
    return {f"{SHARE}{name}": found[0, i] for i, name in enumerate(names)}


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """Raw scores, and those before where they are compared; where there is a reference date, those of then."""
    if "_worth_reference" in table:
        return {"worth": _distribution(table["_worth_reference"])}
    found = {"worth": _distribution(table["_worth"])}
    return found | {"worth before": _distribution(table["_worth_before"])} if "band_before" in scene.wanted else found


def _distribution(worths: pl.Series) -> Distribution:
    return distribution(worths.drop_nulls().to_numpy())


def finish(table: Piece, scene: Scene) -> Makers:
    """The score on its scale, against the reference's customers where there is a reference date, else these."""
    if table["_worth"].null_count():
        return {name: partial(table.nothing, column.dtype) for name, column in columns(scene.settings, {}).items()}
    score = scene.settings.score
    of_events = [name for name in table.columns if name.startswith(SHARE)]
    return {
        "_score": lambda: pl.Series(scaled(table["_worth"].to_numpy(), scene.among["worth"], score.scale)),
        "_change": lambda: table["_worth"] - table["_worth_before"],
        "score": lambda: table["_score"].fill_nan(None),
        "band": lambda: bands(table["_score"].to_numpy(), score),
        "band_before": lambda: _band_before(table["_worth_before"], scene),
        "raw": lambda: decimals(table["_worth"]),
        "previous": lambda: decimals(table["_worth_before"]),
        "change": lambda: decimals(table["_change"]),
        "relative_change": lambda: _relative_change(table["_change"], table["_worth_before"]),
        "trend": lambda: _trend(table["_change"], table["_worth_before"]),
        **{name.removeprefix("_"): partial(_points, table, name) for name in of_events},
    }


def _points(table: Piece, name: str) -> pl.Series:
    return decimals(table[name])


def _relative_change(change: pl.Series, before: pl.Series) -> pl.Series:
    """Null where there was nothing above zero before."""
    return change.cast(pl.Float64) / before.set(before <= 0, None)


def _trend(change: pl.Series, before: pl.Series) -> pl.Series:
    moved, bound = change.cast(pl.Float64), before.abs().cast(pl.Float64) * _STEADY
    way = (moved > bound).cast(pl.Int8) - (moved < -bound).cast(pl.Int8)
    return pl.Series(["down", "steady", "up"]).gather(way + 1)


def _band_before(before: pl.Series, scene: Scene) -> pl.Series:
    """Against the reference's customers where there is a reference date, else against those known then."""
    score = scene.settings.score
    against = scene.among["worth" if score.reference is not None else "worth before"]
    found = bands(scaled(before.fill_null(0).to_numpy(), against, score.scale), score)
    return found.set(before.is_null(), None)


def weight_of(contribution: str, settings: Settings) -> float:
    """The weight behind a contribution column."""
    event = contribution.removeprefix(CONTRIBUTION)
    return settings.score.default_weight if event == OTHER_EVENTS else settings.events[event].weight
