"""Who used which key feature: an event of its name, or the use of a feature with that name in the feature's column."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.runs import starts
from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import Pairs
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.needs import EVERYTHING, narrowed

_WORD = 64  # key features have a bit each


def events_of_features(settings: Settings) -> Selection:
    """Events that may be the use of a key feature; without key features any use of a feature."""
    return Selection(events=tuple(dict.fromkeys((*settings.key_features, *settings.profile.features))))


def key_kinds(bucket: Bucket, where: str | None) -> list[Mask]:
    """For each key feature, which kinds of rows use it; without key features, any feature is one."""
    return bucket.kinds.shared(bucket.settings, ("key kinds", where), lambda: _key_kinds(bucket, where))


def _key_kinds(bucket: Bucket, where: str | None) -> list[Mask]:
    settings, kinds = bucket.settings, bucket.kinds
    counted = bucket.mask(narrowed(EVERYTHING, where))
    uses = bucket.mask(Selection(events=settings.profile.features)) & counted
    if not settings.key_features:
        return [uses]
    names = np.array(kinds.texts.get(settings.profile.feature, (None,) * len(kinds)), dtype=object)
    return [
        (bucket.mask(Selection(events=(feature,))) & counted) | (uses & (names == feature))
        for feature in settings.key_features
    ]


class KeyFeatureUse(Record):
    """The customers, periods and groups in range in which any key feature was used, each once; of how many (int64)."""

    users: Pairs
    features: Int64s


def use_of_key_features(bucket: Bucket, grain: Grain, where: str | None, grouping: Grouping) -> KeyFeatureUse:
    """Who used how many of the key features when."""
    by = tuple(column.column.name for column in grouping.columns)
    return bucket.shared(("key features", grain, where, by), lambda: _use(bucket, grain, where, grouping))


def _use(bucket: Bucket, grain: Grain, where: str | None, grouping: Grouping) -> KeyFeatureUse:
    kinds = key_kinds(bucket, where)
    rows = bucket.in_range(bucket.rows).of_kinds(reduce(np.logical_or, kinds))
    period = bucket.period(rows, grain)
    group = grouping.rows_in(rows, bucket.clock.periods(grain), period)
    customer, kind = rows.customer, rows.kind
    if grouping.of_events:  # else rows lie in the order of customer and period, which tell the group
        order = np.lexsort((group, period, customer))
        customer, period, group, kind = customer[order], period[order], group[order], kind[order]
    at = starts(customer, period, *((group,) if grouping.of_events else ()))
    return KeyFeatureUse(Pairs(customer[at], period[at], group[at]), features_in_runs(kinds, kind, at))


def features_in_runs(kinds: Sequence[Mask], kind: Integers, at: Int64s) -> Int64s:
    """How many of the key features (as `key_kinds` has them) occur among the rows of each run; runs begin at rows."""
    features = np.zeros(len(at), np.int64)
    for first in range(0, len(kinds) if len(at) else 0, _WORD):
        word = kinds[first : first + _WORD]
        bits = np.zeros(len(word[0]), np.uint64)
        for number, mask in enumerate(word):
            bits |= mask.astype(np.uint64) << np.uint64(number)
        features += np.bitwise_count(np.bitwise_or.reduceat(bits[kind], at))
    return features
