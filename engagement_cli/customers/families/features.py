"""Features: how many a customer uses, and how many of the key ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.windows import count_by_customer, distinct_by_customer, history
from engagement_cli.kernels.decimals import over
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket, Rows
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.spread import thing_hashes
from engagement_cli.timeline.weights import report_end

_WEEK = timedelta(days=7)


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Different features and uses, of the key features too."""
    found = {"feature_uses_7d": Column(COUNT, "count", "uses of any feature in the last 7 days")}
    column = settings.profile.feature
    lacks = None if column in known.get("events", ()) else f"no column {column!r} in the events export"
    found["features_used"] = Column(COUNT, "count", "different features used to date", lacks)
    many, share = len(settings.key_features), "these ÷ the key features; null for who uses no feature"
    none = None if many else "key_features: names none"
    return found | {
        "key_features_7d": Column(COUNT, "count", "uses of a key feature in the last 7 days", none),
        "key_features_used": Column(COUNT, "count", f"different key features used to date, of {many}", none),
        "key_features_share": Column(NUMBER, "share", share, none),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Uses of features are events."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _uses(settings: Settings) -> Selection:
    return Selection(events=settings.profile.features)


def _events_that_are_features(settings: Settings) -> Selection:
    return Selection(events=settings.key_features or settings.profile.features)


def needs(settings: Settings, known: Known) -> Needs:
    """Events that use a feature, with its name where a column holds it; a key feature may be an event of its own."""
    there = settings.profile.feature in known.get("events", ())
    return Needs(
        optional=(_uses(settings), _events_that_are_features(settings)),
        things=(settings.profile.feature,) if there else (),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Counts; null where no feature is ever used in the export."""
    settings, recent = bucket.settings, report_end(bucket.clock) - bucket.clock.ticks(_WEEK)
    used = bucket.select(history(bucket), _uses(settings))
    found: dict[str, Values] = {
        "_uses": count_by_customer(bucket, used.customer),
        "feature_uses_7d": count_by_customer(bucket, used.customer[used.time >= recent]),
    }
    named = _named(bucket)
    if named is not None:
        found["features_used"] = distinct_by_customer(bucket, named.customer, named.things[settings.profile.feature])
    if settings.key_features:
        found |= _key_features(bucket, named, recent)
    if not (bucket.mask(_uses(settings)).any() or bucket.mask(_events_that_are_features(settings)).any()):
        return {name: pl.repeat(None, bucket.customers, dtype=pl.Int64, eager=True) for name in found}
    return found


def _named(bucket: Bucket) -> Rows | None:
    """Uses with the hash of the feature's name, where a column holds it."""
    column = bucket.settings.profile.feature
    if column not in bucket.valued.things:
        return None
    used = bucket.select(history(bucket, valued=True), _uses(bucket.settings))
    return used.take(used.things[column] != 0)


def _key_features(bucket: Bucket, named: Rows | None, recent: int) -> dict[str, Values]:
    """A use of key feature i is an event of that name, or a use with that name in the feature's column; never both."""
    settings = bucket.settings
    uses = np.zeros(bucket.customers, np.int64)
    different = np.zeros(bucket.customers, np.int64)
    hashes = thing_hashes(settings.key_features)
    past = history(bucket)
    for feature, hashed in zip(settings.key_features, hashes, strict=True):
        event = Selection(events=(feature,))
        mine = [bucket.select(past, event)]
        if named is not None:
            others = ~bucket.mask(event)[named.kind]
            mine.append(named.take(others & (named.things[settings.profile.feature] == hashed)))
        ever = np.zeros(bucket.customers, np.bool_)
        for rows in mine:
            uses += count_by_customer(bucket, rows.customer[rows.time >= recent])
            ever[rows.customer] = True
        different += ever
    return {"key_features_7d": uses, "key_features_used": different}


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """The share of the key features, for those who use any feature."""
    many = len(scene.settings.key_features)
    if not many:
        return []
    uses_any = (pl.col("_uses") > 0) | (pl.col("key_features_used") > 0)
    share = over(table["key_features_used"], many)
    return [pl.when(uses_any).then(share).alias("key_features_share")]
