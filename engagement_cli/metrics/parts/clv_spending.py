"""Lifetime value from what customers spend in a period: simple, and the heuristic from churn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.parts.amounts import SCALE
from engagement_cli.metrics.parts.lifespan import years
from engagement_cli.metrics.parts.per_customer import moments
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, on_grid, quotient
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
    group = grouping.rows_in(rows, bucket.clock.periods(every), period)
    labels = grouping.labels(group)
    counted = PURCHASES.of({"segments": labels, "period": period, "purchases": order_count(rows, period, group)})
    ones = np.ones(len(rows), np.int64)
    money = moments(rows.customer, period, labels, rows.numbers[value], ones)
    columns = {"revenue": money.value("x"), "squares": money.value("xx"), "customers": money.value("n")}
    columns["purchases"] = counted.value("purchases")
    return STATE["spending"].of_distinct({**counted.keys("segments", "period"), **columns})


def _with_units(rows: PeriodRows) -> dict[str, NDArray[Any]]:
    """Revenue, purchases and customers, what a purchase is worth, and a customer."""
    revenue, customers = rows.floats("revenue", "customers")
    purchases = rows.whole("purchases")
    return {
        "revenue": revenue / SCALE,
        "purchases": purchases,
        "n": rows.whole("customers"),
        "average_value": quotient(revenue, purchases, SCALE),
        "arpu": quotient(revenue, customers, SCALE),
    }


def simple(state: State, context: Context, every: Grain, margin: float, lifespan: float) -> View:
    """Average purchase value × purchases a customer and year × lifespan × margin."""
    rows = by_period(state["spending"], context.clock, every)
    length = years(context.clock, every)[rows.grid.period]
    columns = _with_units(rows)
    a_year = quotient(columns["purchases"], columns["n"]) / length
    squares = rows.number("squares") * (1 / SCALE**2)  # as Polars divides by a constant
    low, high = mean_interval(columns["revenue"].astype(np.float64), squares, rows.number("customers"))
    factor = lifespan * margin / length
    columns |= {"clv": columns["average_value"] * a_year * (lifespan * margin), "purchases_per_year": a_year}
    columns |= interval((low * factor, high * factor))
    return View(
        table=rows.grid.table({**columns, "flags": flags(rows.grid, columns["n"])}),
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
    rows = by_period(state["spending"], clock, every)
    columns, grid = _with_units(rows), rows.grid
    passed, lost = np.ones(len(grid), np.bool_), np.full(len(grid), np.nan if churn is None else churn)
    value = columns["arpu"] * margin
    if churn is None:
        passed = window_ends(clock, every, silent_days)[grid.period] <= clock.as_of
        silent, active = on_grid(state["silent"], grid).floats("silent", "active")
        lost = np.where(passed, quotient(silent, active), np.nan)
        value = quotient(value, lost)
    else:
        value = value * (1 / churn) if churn else np.full(len(grid), np.nan)
    columns |= {"clv": value, "churn": lost, "complete": grid.complete & passed}
    said = f"without a purchase in the {silent_days} days after it" if churn is None else f"{churn:.1%}, as given"
    return View(
        table=grid.table({**columns, "flags": flags(grid, columns["n"], {"provisional": ~passed})}),
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
