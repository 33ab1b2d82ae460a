"""The views of subscription measures: from summed states to the columns that people read."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import MICRO, decimals
from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.state import State

_FIRST = ("period_start", "period_end", "segments")
_MOVEMENTS = ("start", "new", "reactivation", "expansion", "contraction", "churn", "moved")


def view_of(
    measure: str,
    state: State,
    every: Grain,
    context: Context,
    semantics: str,
    *,
    known: bool,
    divided: bool,
    amounts: tuple[int, int],
) -> View:
    """The view of one measure; where no amount is `known`, money is null and flagged `no_amounts`.

    `divided`: what moved between segments is shown as well; `amounts` are the rows with an amount and those without.
    """
    # Days without events say nothing about subscriptions: they make no period unreliable.
    name = {"mrr": "movements", "trial_conversion_rate": "trials"}.get(measure, "moments")
    name = "customers" if measure in ("retention_rate", "churn_rate", "net_growth_rate") else name
    table = by_period(state[name].frame(), context.clock, every).drop("reliable")
    match measure:
        case "retention_rate" | "churn_rate":
            table, measures, columns = _share_of_start(measure, table)
            if measure == "churn_rate" and amounts[0]:
                table, measures, columns = _with_money(table, state["moments"].frame(), measures, columns)
        case "net_growth_rate":
            table, measures, columns = _net_growth(table)
        case "trial_conversion_rate":
            table, measures, columns = _trial_conversion(table)
        case "mrr":
            table, measures, columns = _mrr(table, context.money)
        case "arpu":
            table, measures, columns = _of_moments(table, "arpu", context.money, ("mrr", "customers"), (MICRO, 1))
        case "renewal_rate":
            table, measures, columns = _of_moments(table, measure, "share", ("renewed", "due"), (1, 1))
        case _:
            table, measures, columns = _of_moments(table, measure, "ratio", ("kept_mrr", "start_mrr"), (MICRO, MICRO))
    if not known:
        numbers = [c for m in measures for c in (m.column, m.ci_low, m.ci_high) if c is not None]
        numbers += [c for c in (*_MOVEMENTS, "mrr", "kept_mrr", "start_mrr") if c in table.columns]
        table = table.with_columns(pl.lit(None, pl.Float64).alias(name) for name in dict.fromkeys(numbers))
    unknown = [] if known else [pl.lit("no_amounts")]
    n = next((m.n for m in measures if m.n is not None), None)
    of_money = measure in ("mrr", "arpu", "nrr", "grr")
    return View(
        table=flags(table, n, unknown),
        measures=measures,
        columns=(*_FIRST, *(c for c in columns if divided or c != "moved"), "complete"),
        semantics=semantics,
        totals={"subscriptions_without_amount": amounts[1]} if of_money and known and amounts[1] else {},
    )


_Parts = tuple[pl.DataFrame, tuple[Measure, ...], tuple[str, ...]]


def _whole(table: pl.DataFrame, *names: str) -> pl.DataFrame:
    return table.with_columns(pl.col(names).cast(pl.Int64))


def _share_of_start(measure: str, table: pl.DataFrame) -> _Parts:
    table = _with_lost_and_joined(table)
    counted = "kept" if measure == "retention_rate" else "lost"
    table = table.with_columns(divided(counted, "start").alias(measure))
    table = with_interval(table, wilson(*floats(table, counted, "start")))
    columns = (measure, "ci_low", "ci_high", "start", "kept", "lost", "joined", "moved", "end")
    return table, (Measure(measure, "share", counted, "start", "start", "ci_low", "ci_high"),), columns


def _with_lost_and_joined(table: pl.DataFrame) -> pl.DataFrame:
    """start − lost + joined + moved = end, in every segment."""
    table = _whole(table, "start", "kept", "end", "moved")
    kept = pl.col("kept")
    return table.with_columns(lost=pl.col("start") - kept, joined=pl.col("end") - kept - pl.col("moved"))


def _with_money(
    table: pl.DataFrame, moments: pl.DataFrame, measures: tuple[Measure, ...], columns: tuple[str, ...]
) -> _Parts:
    """Churn of money beside that of customers: start MRR of those who pay nothing at the end, of all start MRR."""
    sums = table.select("segments", "period").join(
        moments, on=["segments", "period"], how="left", maintain_order="left"
    )
    sums = sums.with_columns(pl.col(pl.Int128).fill_null(0))
    interval = clustered_ratio(*floats(sums, "x", "y", "xx", "yy", "xy", "n"))
    table = table.with_columns(
        decimals(sums["x"]).alias("lost_mrr"),
        decimals(sums["y"]).alias("start_mrr"),
        quotient(sums, "x", "y").alias("mrr_churn_rate"),
    )
    low, high = (np.clip(end, 0, 1) for end in interval)
    table = with_interval(table, (low, high), "mrr_churn_low", "mrr_churn_high")
    rate = Measure("mrr_churn_rate", "share", "lost_mrr", "start_mrr", "start", "mrr_churn_low", "mrr_churn_high")
    said = ("mrr_churn_rate", "mrr_churn_low", "mrr_churn_high", "lost_mrr", "start_mrr")
    return table, (*measures, rate), (*columns, *said)


def _net_growth(table: pl.DataFrame) -> _Parts:
    table = _with_lost_and_joined(table).with_columns(growth=pl.col("end") - pl.col("start"))
    table = table.with_columns(net_growth_rate=divided("growth", "start"))
    columns = ("net_growth_rate", "start", "joined", "lost", "moved", "end")
    return table, (Measure("net_growth_rate", "ratio", "growth", "start", "start"),), columns


def _trial_conversion(table: pl.DataFrame) -> _Parts:
    name = "trial_conversion_rate"
    table = _whole(table, "converted", "trials").with_columns(divided("converted", "trials").alias(name))
    table = with_interval(table, wilson(*floats(table, "converted", "trials")))
    measure = Measure(name, "share", "converted", "trials", "trials", "ci_low", "ci_high")
    return table, (measure,), (name, "ci_low", "ci_high", "converted", "trials")


def _mrr(table: pl.DataFrame, money: str) -> _Parts:
    table = table.with_columns(decimals(table[name]) for name in (*_MOVEMENTS, "end"))
    table = _whole(table, "customers").rename({"end": "mrr"})
    measures = tuple(Measure(name, money) for name in ("mrr", *_MOVEMENTS[1:]))
    return table, measures, ("mrr", *_MOVEMENTS, "customers")


def _of_moments(table: pl.DataFrame, name: str, unit: str, sides: tuple[str, str], scales: tuple[int, int]) -> _Parts:
    """A ratio of sums with its customer-clustered interval; sides are named and scaled for people."""
    scale = scales[0] // scales[1]
    low, high = clustered_ratio(*floats(table, "x", "y", "xx", "yy", "xy", "n"))
    if unit == "share":  # Wilson's where no customer is below the line twice
        x, y, n = floats(table, "x", "y", "n")
        once, (least, most) = y == n, wilson(x, y)
        low, high = np.where(once, least, np.clip(low, 0, 1)), np.where(once, most, np.clip(high, 0, 1))
    table = with_interval(table, (low / scale, high / scale))
    shown = [
        (table[column].cast(pl.Int64) if by == 1 else decimals(table[column])).alias(side)
        for column, side, by in zip(("x", "y"), sides, scales, strict=True)
    ]
    shown.append(quotient(table, "x", "y", scale).alias(name))
    table = table.with_columns(pl.col("n").cast(pl.Int64), *shown).drop("x", "y", "xx", "yy", "xy")
    measure = Measure(name, unit, sides[0], sides[1], "n", "ci_low", "ci_high")
    columns = (name, "ci_low", "ci_high", *sides, *(() if sides[1] == "customers" else ("n",)))
    return table, (measure,), columns
