"""Features: how many a customer uses, and how many of the key ones."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import before, nothing
from engagement_cli.kernels.decimals import over
from engagement_cli.metrics.parts.key_features import events_of_features, key_kinds
from engagement_cli.native.tallies import distinct, numbered, sums
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
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


def needs(settings: Settings, known: Known) -> Needs:
    """Events that use a feature, with its name where a column holds it; a key feature may be an event of its own."""
    there = settings.profile.feature in known.get("events", ())
    return Needs(
        optional=(_uses(settings), events_of_features(settings)),
        texts=(settings.profile.feature,) if there else (),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Counts; null where no feature is ever used in the export."""
    settings, end = bucket.settings, report_end(bucket.clock)
    everything = bucket.histories(bucket.select(bucket.rows, events_of_features(settings)))
    week = end - bucket.clock.ticks(_WEEK), end
    used = bucket.mask(_uses(settings))
    found: dict[str, Values] = {
        "_uses": sums(everything, used.astype(np.int64), before(end)),
        "feature_uses_7d": sums(everything, used.astype(np.int64), week),
    }
    if settings.profile.feature in bucket.kinds.texts:
        names = bucket.kinds.texts[settings.profile.feature]
        number = {name: i for i, name in enumerate(dict.fromkeys((None, *names)))}  # 0: none
        name = np.where(used, np.array([number[each] for each in names], np.int64), 0)
        found["features_used"] = distinct(everything, name[np.newaxis], before(end))
    if settings.key_features:
        features = np.array(key_kinds(bucket, None))
        found["key_features_7d"] = sums(everything, features.sum(axis=0, dtype=np.int64), week)
        found["key_features_used"] = distinct(everything, numbered(features), before(end))
    if not bucket.mask(events_of_features(settings)).any():
        return dict(nothing(bucket, found))
    return found


def finish(table: Piece, scene: Scene) -> Makers:
    """The share of the key features, for those who use any feature."""
    many = len(scene.settings.key_features)
    return {"key_features_share": lambda: _share(table, many)} if many else {}


def _share(table: Piece, many: int) -> pl.Series:
    uses_none = (table["_uses"] <= 0) & (table["key_features_used"] <= 0)
    return over(table["key_features_used"], many).set(uses_none, None)
