"""Lifetime value from what customers spend in a period: simple, and the heuristic from churn."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.parts.amounts import SCALE
from engagement_cli.metrics.parts.lifespan import years
from engagement_cli.metrics.parts.per_customer import moments
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.metrics.parts.purchases import order_count, purchases
from engagement_cli.metrics.parts.silence import silent_after, window_ends
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.state import State, StateTable

_KEYS = ("period_start", "period_end", "segments")
_SUMS = ("revenue", "squares", "purchases", "customers")
PURCHASES = StateTable(SEGMENT_AND_PERIOD, {"purchases": "sum"})
STATE = {
    "spending": StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_SUMS, "sum")),
    "silent": StateTable(SEGMENT_AND_PERIOD, {"silent": "sum", "active": "sum"}),
}


def measure(
    bucket: Bucket, selection: Selection, value: str, every: Grain, by: tuple[str, ...], silent_days: int | None
) -> State:
    """Revenue, its squares a customer, purchases and customers; with `silent_days`, those silent after each period."""
    cuts = groupings(bucket, by)
    state = {"spending": STATE["spending"].merge([_spending(bucket, selection, value, every, g) for g in cuts])}
    if silent_days is not None:
        parts = []
        for grouping in cuts:
            found, silent = silent_after(bucket, every, selection, grouping, silent_days)
            labels = grouping.labels(found.group)
            parts.append(
                STATE["silent"].of({"segments": labels, "period": found.period, "silent": silent, "active": 1})
            )
        state["silent"] = STATE["silent"].merge(parts)
    return state


def _spending(bucket: Bucket, selection: Selection, value: str, every: Grain, grouping: Grouping) -> Cells:
    rows = purchases(bucket, selection, value)
    period = bucket.period(rows, every)
    group = grouping.rows(rows, bucket.clock.periods(every).bounds[period])
    labels = grouping.labels(group)
    counted = PURCHASES.of({"segments": labels, "period": period, "purchases": order_count(rows, period, group)})
    ones = np.ones(len(rows), np.int64)
    money = moments(rows.customer.astype(np.int64), period, labels, rows.numbers[value], ones)
    columns = {"revenue": money.value("x"), "squares": money.value("xx"), "customers": money.value("n")}
    columns["purchases"] = counted.value("purchases")
    return STATE["spending"].of_distinct({**counted.keys("segments", "period"), **columns})


def _with_units(state: State, context: Context, every: Grain) -> pl.DataFrame:
    table = by_period(state["spending"].frame(), context.clock, every)
    return table.with_columns(
        revenue=decimals(table["revenue"]),
        squares=pl.col("squares").cast(pl.Float64) / SCALE**2,
        purchases=pl.col("purchases").cast(pl.Int64),
        n=pl.col("customers").cast(pl.Int64),
        average_value=quotient(table, "revenue", "purchases", SCALE),
        arpu=quotient(table, "revenue", "customers", SCALE),
    )


def simple(state: State, context: Context, every: Grain, margin: float, lifespan: float) -> View:
    """Average purchase value × purchases a customer and year × lifespan × margin."""
    length = years(context.clock, every)
    table = _with_units(state, context, every)
    table = table.with_columns(pl.Series("years", length[table["period"].to_numpy()]))
    table = table.with_columns(
        purchases_per_year=divided("purchases", "customers") / pl.col("years"),
    ).with_columns(clv=pl.col("average_value") * pl.col("purchases_per_year") * (lifespan * margin))
    low, high = mean_interval(*floats(table, "revenue", "squares", "customers"))
    factor = lifespan * margin / table["years"].to_numpy()
    table = flags(with_interval(table, (low * factor, high * factor)), "n")
    return View(
        table=table,
        measures=(
            Measure("clv", context.money, n="n", ci_low="ci_low", ci_high="ci_high"),
            Measure("average_value", context.money, "revenue", "purchases", "n"),
            Measure("purchases_per_year", "number", n="n"),
        ),
        columns=(*_KEYS, "clv", "ci_low", "ci_high", "average_value", "purchases_per_year", "n", "complete"),
        semantics=f"average purchase value × purchases a customer and year × {lifespan:g} "
        f"{'year' if lifespan == 1 else 'years'}{_times(margin)}; "
        "interval by customer",
    )


def by_churn(
    state: State, context: Context, every: Grain, margin: float, churn: float | None, silent_days: int
) -> View:
    """ARPU × margin ÷ churn, of the same period; a churn of zero gives no value."""
    clock = context.clock
    table = _with_units(state, context, every)
    silent = by_period(state["silent"].frame(), clock, every).select("segments", "period", "silent", "active")
    table = table.join(silent, on=["segments", "period"], how="left", maintain_order="left")
    passed = window_ends(clock, every, silent_days)[table["period"].to_numpy()] <= clock.as_of
    measured = pl.when(pl.Series(passed)).then(divided("silent", "active"))
    table = table.with_columns(
        churn=measured if churn is None else pl.lit(churn, pl.Float64),
        complete=pl.col("complete") & (pl.Series(passed) if churn is None else pl.lit(value=True)),
        open=~pl.Series(passed) if churn is None else pl.lit(value=False),
    ).with_columns(clv=pl.when(pl.col("churn") != 0).then(pl.col("arpu") * margin / pl.col("churn")))
    said = f"without a purchase in the {silent_days} days after it" if churn is None else f"{churn:.1%}, as given"
    return View(
        table=flags(table, "n", [pl.when(pl.col("open")).then(pl.lit("provisional"))]),
        measures=(
            Measure("clv", context.money, n="n"),
            Measure("arpu", context.money, "revenue", "n", "n"),
            Measure("churn", "share", n="n"),
        ),
        columns=(*_KEYS, "clv", "arpu", "churn", "n", "complete"),
        semantics=f"a heuristic: revenue a customer of the {every}{_times(margin)} ÷ churn ({said})",
    )


def _times(margin: float) -> str:
    return "" if margin == 1 else f" × margin {margin:.0%}"
