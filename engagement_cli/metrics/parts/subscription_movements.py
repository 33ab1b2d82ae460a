"""What a period's customers add to the state of a subscription measure, at the segment that each number belongs to.

What is there at the start, and what of it is lost, belongs to the segment as of the period's start; what is there at
the end, and what joins or changes, to the segment as of its end. Customers who stay but are in another segment at the
end have moved: out of the one, into the other, so that what lies between start and end of a segment adds up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.metrics.parts.per_customer import moments
from engagement_cli.metrics.parts.subscription_spans import Change
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import Column, StateTable

_CUSTOMERS = ("start", "kept", "end", "moved")
_MONEY = ("start", "new", "reactivation", "expansion", "contraction", "churn", "moved", "end", "customers")
CUSTOMERS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_CUSTOMERS, "sum"))
MONEY = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_MONEY, "sum"))
_Columns = Mapping[str, Int64s]


def customers_by_group(grouping: Grouping, change: Change) -> Iterator[Mapping[str, Column]]:
    """`CUSTOMERS`: start − lost + joined + moved = end, where lost = start − kept."""
    start, end = change.start.active, change.end.active
    left = start & end & _elsewhere(change)
    ones = left.astype(np.int64)
    at_start: _Columns = {"start": start.astype(np.int64), "kept": (start & end).astype(np.int64), "moved": -ones}
    at_end: _Columns = {"end": end.astype(np.int64), "moved": ones}
    yield from _both_ends(CUSTOMERS, grouping, change, at_start, at_end)


def money_by_group(grouping: Grouping, change: Change) -> Iterator[Mapping[str, Column]]:
    """`MONEY`: start + new + reactivation + expansion − contraction − churn + moved = end.

    Who pays nothing before and something after is new, or has come back where he paid some time before the period; who
    pays something before and nothing after has churned, though he may keep a subscription that is free.
    """
    before, after = change.start, change.end
    stays = before.active & after.active
    joins = after.active & (~before.active | ((before.mrr <= 0) & (after.mrr > 0)))
    stops = before.active & (~after.active | ((before.mrr > 0) & (after.mrr <= 0)))
    difference = after.mrr - before.mrr
    same = stays & ~joins & ~stops

    def where(flags: Flags, amount: Int64s) -> Int64s:
        return np.where(flags, amount, 0)

    left = where(stays & _elsewhere(change), np.where(stops, after.mrr, before.mrr))
    at_start: _Columns = {"start": before.mrr, "churn": where(stops, -difference), "moved": -left}
    at_end: _Columns = {
        "new": where(joins & ~change.earlier, difference),
        "reactivation": where(joins & change.earlier, difference),
        "expansion": where(same & (difference > 0), difference),
        "contraction": where(same & (difference < 0), -difference),
        "moved": left,
        "end": after.mrr,
        "customers": after.active.astype(np.int64),
    }
    yield from _both_ends(MONEY, grouping, change, at_start, at_end)


def kept_money(grouping: Grouping, change: Change, measure: str) -> Kept:
    """Moments of money over customers: of those active at the start what is kept of what they paid (nrr, grr), or what
    those paid who pay nothing at the end (churn_rate), in their segment as of the start; of those active at the end
    what they pay (arpu), as of the end."""
    before, after = change.start, change.end
    if measure == "arpu":
        return _kept(grouping, change, after.active, 1, after.mrr, after.active.astype(np.int64))
    kept = before.active & after.active
    side = {
        "nrr": np.where(kept, after.mrr, 0),
        "grr": np.where(kept, np.minimum(before.mrr, after.mrr), 0),
        "churn_rate": np.where(kept & (after.mrr > 0), 0, before.mrr),
    }[measure]
    return _kept(grouping, change, before.active, 0, side, before.mrr)


def _elsewhere(change: Change) -> Flags:
    """Who is in another segment at the end than at the start."""
    return np.asarray(change.groups[0] != change.groups[1])


def _both_ends(
    table: StateTable, grouping: Grouping, change: Change, at_start: _Columns, at_end: _Columns
) -> Iterator[Mapping[str, Column]]:
    """Of those who are there at the start, in their segment as of it; then of those there at the end."""
    for end, (there, columns) in enumerate(((change.start.active, at_start), (change.end.active, at_end))):
        sums: dict[str, Column] = {name: columns[name][there] if name in columns else 0 for name in table.values}
        labels = grouping.labels(change.groups[end][there])
        yield {"segments": labels, "period": change.period, **sums}


@dataclass(frozen=True)
class Kept:
    """One row a customer of a period: whose, when, in which segment, what of it is kept (x), and of what (y)."""

    customer: Int64s
    period: NDArray[np.int32]
    labels: Labels
    x: Int64s
    y: Int64s


def moments_of_all(parts: Sequence[Kept]) -> pl.DataFrame:
    """The state `MOMENTS` of all periods and groupings together."""
    return moments(
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.period for part in parts]),
        Labels.joined([part.labels for part in parts]),
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.y for part in parts]),
        once=True,
    )


def _kept(grouping: Grouping, change: Change, there: Flags, end: int, x: Int64s, y: Int64s) -> Kept:
    """Those who are there at an end (0: the start, 1: the end), in their segment as of it."""
    labels = grouping.labels(change.groups[end][there])
    period = np.full(len(labels), change.period, np.int32)
    return Kept(change.customer[there], period, labels, x[there], y[there])
