"""What customers have brought so far: purchases net of refunds and recurring revenue; and less what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import polars as pl

from engagement_cli.customers.family import NUMBER, Column, Known, Scene, Values
from engagement_cli.kernels.decimals import MICRO, decimals
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs

_COSTS = ("acquisition_cost", "service_cost")
_PARTS = {"revenue": "_paid", "recurring_revenue": "_paid_by_mrr"}  # finished columns, and their millionths


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


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """Null where neither is known, in millionths too."""
    wholes = {ending: in_millionths(table, ending) for ending in ("", "_before")}
    found = [column for ending, whole in wholes.items() for column in (whole, decimals(whole).alias(f"value{ending}"))]
    costs = [pl.col(cost) for cost in _COSTS if cost in table.columns and table.schema[cost].is_numeric()]
    if costs:
        cost = table.select((pl.sum_horizontal(costs) * MICRO).round().cast(pl.Int64)).to_series()
        found.append(decimals(found[0] - cost).alias("net_value"))
    return found


def in_millionths(table: pl.DataFrame, ending: str) -> pl.Series:
    """The value at a moment; null for everyone where neither part of it is known."""
    if (name := f"_value_micro{ending}") in table.columns:
        return table[name]
    parts = [column for part in _PARTS.values() if (column := f"{part}{ending}") in table.columns]
    if not parts:
        return pl.repeat(None, table.height, dtype=pl.Int64, eager=True).alias(name)
    whole = table.select(pl.sum_horizontal(parts).alias(name)).to_series()
    unknown = table.select(pl.all_horizontal(pl.col(parts).is_null())).to_series()
    return whole.set(unknown, None)
