"""What customers have brought so far: purchases net of refunds and recurring revenue; and less what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial, reduce
from operator import and_

import polars as pl

from engagement_cli.customers.family import NUMBER, Column, Known, Scene, Values
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.kernels.decimals import MICRO, decimals
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

_COSTS = ("acquisition_cost", "service_cost")
_PARTS = {"revenue": "_paid", "recurring_revenue": "_paid_by_mrr"}  # finished columns, and their millionths
_WORTH = "_value_micro"


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Value now and at the start of the score's window, and net of costs."""
    money, days = settings.currency or "number", settings.score.window.days
    costly = any(cost in known.get("customers", ()) for cost in _COSTS)
    return {
        "value": Column(NUMBER, money, "revenue + recurring_revenue, as far as the exports tell either"),
        "value_before": Column(NUMBER, money, f"the same, {days} days before"),
        "net_value": Column(
            NUMBER,
            money,
            f"value less {' and '.join(_COSTS)}; an empty cost is none",
            None if costly else f"no column {' or '.join(_COSTS)} in the customers export",
        ),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Purchases or subscriptions will do."""
    if "value" in known.get("events", ()) or "subscriptions" in known:
        return None
    return "neither purchases with a value nor a subscriptions export"


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Both kinds of revenue; of the net value the costs too."""
    return {*_PARTS, *(_COSTS if "net_value" in wanted else ())}


def needs(settings: Settings, known: Known) -> Needs:
    """Nothing of the exports but what other families read."""
    return Needs(sources=frozenset())


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Nothing of a bucket."""
    return {}


def finish(table: Piece, scene: Scene) -> Makers:
    """Null where neither is known, in millionths too."""
    found: dict[str, Callable[[], pl.Series]] = {}
    for ending in ("", "_before"):
        found[f"{_WORTH}{ending}"] = partial(_together, table, ending)
        found[f"value{ending}"] = partial(_money, table, ending)
    costs = [cost for cost in _COSTS if cost in table and table[cost].dtype.is_numeric()]
    return found | ({"net_value": partial(_net, table, costs)} if costs else {})


def in_millionths(table: Piece, ending: str) -> pl.Series:
    """The value at a moment; null for everyone where neither part of it is known."""
    name = f"{_WORTH}{ending}"
    return table[name] if name in table else _together(table, ending)


def _together(table: Piece, ending: str) -> pl.Series:
    parts = [table[column] for part in _PARTS.values() if (column := f"{part}{ending}") in table]
    if not parts:
        return table.nothing(pl.Int64())
    whole = sum((part.fill_null(0) for part in parts[1:]), parts[0].fill_null(0))
    return whole.set(reduce(and_, (part.is_null() for part in parts)), None)


def _money(table: Piece, ending: str) -> pl.Series:
    return decimals(in_millionths(table, ending))


def _net(table: Piece, costs: Sequence[str]) -> pl.Series:
    micro = (pl.sum_horizontal(costs) * MICRO).round().cast(pl.Int64)
    return decimals(in_millionths(table, "") - table.frame(costs).select(micro).to_series())
