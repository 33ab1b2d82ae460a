"""Features: how many a customer uses, and how many of the key ones."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import count_by_customer, distinct_by_customer, history, nothing
from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.key_features import events_of_features, features_in_runs, key_kinds
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.rows import Rows
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
    settings, past = bucket.settings, history(bucket)
    recent = report_end(bucket.clock) - bucket.clock.ticks(_WEEK)
    used = bucket.select(past, _uses(settings))
    found: dict[str, Values] = {
        "_uses": count_by_customer(bucket, used.customer),
        "feature_uses_7d": count_by_customer(bucket, used.customer[used.time >= recent]),
    }
    if settings.profile.feature in bucket.kinds.texts:
        names = bucket.kinds.texts[settings.profile.feature]
        number = {name: i for i, name in enumerate(dict.fromkeys((None, *names)))}  # 0: none
        name = np.array([number[each] for each in names], np.uint64)[used.kind]
        found["features_used"] = distinct_by_customer(bucket, used.customer[name > 0], name[name > 0])
    if settings.key_features:
        found |= _key_features(bucket, past, recent)
    if not bucket.mask(events_of_features(settings)).any():
        return dict(nothing(bucket, found))
    return found


def _key_features(bucket: Bucket, past: Rows, recent: int) -> dict[str, Values]:
    """Uses of any key feature, and how many different ones each customer used."""
    kinds = key_kinds(bucket, None)
    features = np.asarray(np.sum(kinds, axis=0), np.int64)  # that a row of each kind is the use of
    mine = past.of_kinds(features > 0)
    late = mine.time >= recent
    at = starts(mine.customer)
    different = np.zeros(bucket.customers, np.int64)
    different[mine.customer[at]] = features_in_runs(kinds, mine.kind, at)
    uses = count_by_customer(bucket, mine.customer[late], features[mine.kind[late]])
    return {"key_features_7d": uses, "key_features_used": different}


def finish(table: Piece, scene: Scene) -> Makers:
    """The share of the key features, for those who use any feature."""
    many = len(scene.settings.key_features)
    return {"key_features_share": lambda: _share(table, many)} if many else {}


def _share(table: Piece, many: int) -> pl.Series:
    uses_none = (table["_uses"] <= 0) & (table["key_features_used"] <= 0)
    return over(table["key_features_used"], many).set(uses_none, None)
