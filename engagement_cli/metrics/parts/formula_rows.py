"""The operands of a formula: which measure of which view each of them is, and its rows."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.metrics.parts.formula import Binary, Formula, Number, Operand
from engagement_cli.metrics.parts.period_rows import every_period, period_table, segments_of
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain

KEYS = ("segments", "period", "period_start", "period_end")
_SPAN = ("segments", "period_start", "period_end")


def measure_of(operand: Operand, context: Context) -> Measure:
    """The measure that an operand names. Raises `UserError` where its metric or its measure is not there."""
    view = context.views.get(operand.metric)
    if view is None:
        raise UserError(
            f"the formula reads the metric {operand.metric!r}, which is not there",
            hint=did_you_mean(operand.metric, context.views),
        )
    named = [m for m in view.measures if operand.measure in (None, m.column)]
    if not named:
        raise UserError(
            f"the metric {operand.metric!r} has no measure {operand.measure!r}",
            hint=did_you_mean(str(operand.measure), [m.column for m in view.measures]),
        )
    return named[0]


_SCALED = ("numerator", "ci_low", "ci_high")


def alone(formula: Formula, unit: str) -> Operand | None:
    """The one operand of a formula that is a measure alone, a positive multiple or part of it, or 1 − a share."""
    match formula:
        case Operand():
            return formula
        case Binary(operator="*" | "/", left=Operand() as one, right=Number(value=factor)) if factor > 0:
            return one
        case Binary(operator="-", left=Number(value=1.0), right=Operand() as share) if unit == "share":
            return share
    return None


def behind_measure(measure: Measure) -> dict[str, str]:
    """What stands behind a measure, part by part: the columns of its view."""
    parts = {part: getattr(measure, part) for part in ("numerator", "denominator", "ci_low", "ci_high", "n")}
    return {part: column for part, column in parts.items() if column is not None}


def told_behind(behind: Mapping[str, str], formula: Formula) -> dict[str, pl.Expr]:
    """What stands behind a formula that `alone` has an operand of: behind a multiple with its sums and its interval
    multiplied, behind 1 − a share those who are not in the numerator, the interval turned round."""
    told = {part: pl.col(part) for part in behind}
    match formula:
        case Binary(operator="*", right=Number(value=factor)):
            return {part: told[part] * factor if part in _SCALED else told[part] for part in told}
        case Binary(operator="/", right=Number(value=factor)):
            return {part: told[part] / factor if part in _SCALED else told[part] for part in told}
        case Binary():
            return _complement(told)
    return told


def _complement(told: Mapping[str, pl.Expr]) -> dict[str, pl.Expr]:
    turned = {"ci_low": 1 - pl.col("ci_high"), "ci_high": 1 - pl.col("ci_low")} if "ci_low" in told else {}
    rest = (
        {"numerator": pl.col("denominator") - pl.col("numerator")}
        if {"numerator", "denominator"} <= told.keys()
        else {}
    )
    return {
        part: expression for part, expression in (dict(told) | turned | rest).items() if part != "numerator" or rest
    }


def operand_rows(
    operand: Operand, columns: Mapping[str, str], alias: str, every: Grain, context: Context
) -> pl.DataFrame:
    """An operand's rows: the keys, its columns under new names, its completeness and flags."""
    table = _rows(operand, context.views[operand.metric])
    if not {"period_start", "period_end"} <= set(table.columns):
        raise UserError(f"the metric {operand.metric!r} has no value of a period, so no formula can read it")
    flags = table["flags"] if "flags" in table.columns else pl.repeat("", table.height, eager=True)
    read = [
        *(table[column].cast(pl.Int64 if name == "n" else pl.Float64).alias(name) for name, column in columns.items()),
        table["complete"].alias(f"_complete{alias}"),
        flags.alias(f"_flags{alias}"),
    ]
    grid = every_period(segments_of(table), context.clock, every)[list(KEYS)]
    if table[list(_SPAN)].equals(grid[list(_SPAN)]):  # as nearly all are
        return grid.hstack(read)
    keyed = table[list(_SPAN)].hstack(read)
    if keyed[list(_SPAN)].is_duplicated().any():
        raise UserError(
            f"the metric {operand.metric!r} has several rows a period, so a formula cannot tell which is meant",
            hint=f"say which: {operand.metric}[STEP], by its name or number",
        )
    periods = period_table(context.clock, every)[["period", "period_start", "period_end"]]
    keyed = keyed.join(periods, on=["period_start", "period_end"], how="left", nulls_equal=True)
    if keyed["period"].null_count():
        raise UserError(
            f"the metric {operand.metric!r} has other periods than every: {every}",
            hint="a formula and the metrics that it reads have the same every:",
        )
    return keyed


def _rows(operand: Operand, view: View) -> pl.DataFrame:
    """The rows of an operand: those of one step where it names one. Raises `UserError` for a step that is not there."""
    step = operand.step
    if step is None:
        return view.table
    column = view.index if isinstance(step, int) else view.step_column
    if column is None:
        what = "numbered steps" if isinstance(step, int) else "named steps"
        raise UserError(f"the metric {operand.metric!r} has no {what}", where=f"formula: {operand}")
    rows = view.table.filter(pl.col(column) == step)
    if rows.is_empty() and view.table.height:
        known = [str(name) for name in view.table[column].unique(maintain_order=True).to_list()]
        hint = did_you_mean(str(step), known) or f"its steps are {', '.join(known[:10])}"
        raise UserError(f"the metric {operand.metric!r} has no step {step!r}", where=f"formula: {operand}", hint=hint)
    return rows
