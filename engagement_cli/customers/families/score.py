"""The engagement score: raw, before, on its scale, its band and trend, and what each event contributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import NUMBER, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.scaling import bands
from engagement_cli.customers.windows import moments
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.scale import Distribution, distribution, scaled
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import (
    OTHER_EVENTS,
    contributions,
    known_from,
    weight_needs,
)

CONTRIBUTION = "contribution_"
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
    """Raw scores and contributions in millionths of a point; null where no configured event occurs in the export."""
    known = known_from(bucket)
    nothing = not all(bucket.mask(selection).any() for selection in weight_needs(bucket.settings).selections)
    found: dict[str, Values] = {}
    for ending, window in moments(bucket.clock, bucket.settings).items():
        parts = worth_by_event(bucket)[ending]
        raw = pl.Series(sum(parts.values(), np.zeros(bucket.customers, np.int64)))
        found[f"_worth{ending}"] = raw.set(pl.Series(nothing | (known >= window.ends)), None)
        found |= {} if ending else {f"{SHARE}{name}": amount for name, amount in parts.items()}
    return found


def worth_by_event(bucket: Bucket) -> Mapping[str, Mapping[str, Int64s]]:
    """By the windows' endings, what each event that occurs and weighs anything adds to raw scores, in millionths."""

    def make() -> Mapping[str, Mapping[str, Int64s]]:
        # In order they take one pass over the rows.
        windows = sorted(moments(bucket.clock, bucket.settings).items(), key=lambda moment: moment[1].ends)
        found = list(contributions(bucket, [window for _, window in windows]))
        return {ending: {worth.name: amount[i] for worth, amount in found} for i, (ending, _) in enumerate(windows)}

    return bucket.shared("worth by event", make)


def across(table: pl.DataFrame, scene: Scene) -> Mapping[str, Distribution]:
    """Raw scores now and before; where there is a reference date, those of then."""
    if "_worth_reference" in table.columns:
        return {"worth": distribution(table["_worth_reference"].drop_nulls().to_numpy())}
    names = {"worth": "_worth", "worth before": "_worth_before"}
    return {name: distribution(table[column].drop_nulls().to_numpy()) for name, column in names.items()}


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """The score on its scale, against the reference's customers where there is a reference date, else these."""
    score = scene.settings.score
    if table["_worth"].null_count():
        return [pl.lit(None, column.dtype).alias(name) for name, column in columns(scene.settings, {}).items()]
    scores = scaled(table["_worth"].to_numpy(), scene.among["worth"], score.scale)
    raw, previous = table["_worth"].alias("raw"), table["_worth_before"].alias("previous")
    moved = (pl.col("_worth") - pl.col("_worth_before")).cast(pl.Float64)
    bound = pl.col("_worth_before").abs().cast(pl.Float64) * _STEADY
    trend = pl.when(moved > bound).then(pl.lit("up")).when(moved < -bound).then(pl.lit("down"))
    return [
        pl.Series("score", scores).fill_nan(None),
        bands(scores, score),
        _band_before(table, scene),
        decimals(raw),
        decimals(previous),
        decimals(raw - previous).alias("change"),
        pl.when(pl.col("_worth_before") > 0).then(moved / pl.col("_worth_before")).alias("relative_change"),
        pl.when(moved.is_not_null()).then(trend.otherwise(pl.lit("steady"))).alias("trend"),
        *(decimals(table[name]).alias(name.removeprefix("_")) for name in table.columns if name.startswith(SHARE)),
    ]


def _band_before(table: pl.DataFrame, scene: Scene) -> pl.Series:
    """Against the reference's customers where there is a reference date, else against those known then."""
    there = table["_worth_before"].is_not_null()
    then, score = table["_worth_before"].drop_nulls().to_numpy(), scene.settings.score
    against = scene.among["worth"] if score.reference is not None else scene.among["worth before"]
    found = bands(scaled(then, against, score.scale), score)
    whole = pl.repeat(None, table.height, dtype=pl.String, eager=True).alias("band_before")
    return whole.scatter(there.arg_true(), found)


def weight_of(contribution: str, settings: Settings) -> float:
    """The weight behind a contribution column."""
    event = contribution.removeprefix(CONTRIBUTION)
    return settings.score.default_weight if event == OTHER_EVENTS else settings.events[event].weight
