"""Who used which key feature: an event of its name, or the use of a feature with that name in the feature's column."""

from __future__ import annotations

from functools import reduce

import numpy as np

from engagement_cli.kernels.runs import starts
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import Pairs
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.needs import EVERYTHING, narrowed


def events_of_features(settings: Settings) -> Selection:
    """Events that may be the use of a key feature; without key features any use of a feature."""
    return Selection(events=tuple(dict.fromkeys((*settings.key_features, *settings.profile.features))))


def key_kinds(bucket: Bucket, where: str | None) -> list[Mask]:
    """For each key feature, which kinds of rows use it; without key features, any feature is one."""
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


def users_of_key_features(bucket: Bucket, grain: Grain, where: str | None, grouping: Grouping) -> Pairs:
    """The customers, periods and groups in range in which any key feature was used, each once."""
    any_of_them = reduce(np.logical_or, key_kinds(bucket, where))
    return _pairs(bucket, grain, any_of_them, grouping)


def used_by_each(bucket: Bucket, grain: Grain, where: str | None, grouping: Grouping) -> Pairs:
    """The same for each key feature, one after the other: a customer is there once for each that was used."""
    found = [_pairs(bucket, grain, mask, grouping) for mask in key_kinds(bucket, where)]
    return Pairs(
        np.concatenate([f.customer for f in found]),
        np.concatenate([f.period for f in found]),
        np.concatenate([f.group for f in found]),
    )


def _pairs(bucket: Bucket, grain: Grain, kinds: Mask, grouping: Grouping) -> Pairs:
    rows = bucket.in_range(bucket.rows)
    rows = rows.of_kinds(kinds)
    period = bucket.period(rows, grain)
    bounds = bucket.clock.periods(grain).bounds
    group = grouping.rows(rows, bounds[np.clip(period, 0, len(bounds) - 2)])
    customer = rows.customer
    if grouping.of_events:  # else rows lie in the order of customer and period, which tell the group
        order = np.lexsort((group, period, customer))
        customer, period, group = customer[order], period[order], group[order]
    at = starts(customer, period, group)
    return Pairs(customer[at], period[at], group[at])
