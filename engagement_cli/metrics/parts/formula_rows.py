"""The operands of a formula: which measure of which view each of them is, and its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.intervals import Floats
from engagement_cli.metrics.parts.formula import Binary, Formula, Number, Operand
from engagement_cli.metrics.parts.grid import Grid, grid_of
from engagement_cli.metrics.protocol import Context
from engagement_cli.records import Record
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain

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


def told_behind(told: Mapping[str, Floats], formula: Formula) -> dict[str, Floats]:
    """What stands behind a formula that `alone` has an operand of: behind a multiple with its sums and its interval
    multiplied, behind 1 − a share those who are not in the numerator, the interval turned round."""
    match formula:
        case Binary(operator="*", right=Number(value=factor)):
            return {part: told[part] * factor if part in _SCALED else told[part] for part in told}
        case Binary(operator="/", right=Number(value=factor)):
            return {part: told[part] * (1 / factor) if part in _SCALED else told[part] for part in told}
        case Binary():
            return _complement(told)
    return dict(told)


def _complement(told: Mapping[str, Floats]) -> dict[str, Floats]:
    turned = {"ci_low": 1 - told["ci_high"], "ci_high": 1 - told["ci_low"]} if "ci_low" in told else {}
    counted = {"numerator", "denominator"} <= told.keys()
    rest = {"numerator": told["denominator"] - told["numerator"]} if counted else {}
    return {part: numbers for part, numbers in ({**told, **turned, **rest}).items() if part != "numerator" or rest}


class OperandRows(Record):
    """An operand in the rows of a grid: its numbers (NaN: none), which rows it has, which are complete, its flags."""

    grid: Grid
    numbers: Mapping[str, Floats]
    there: Flags
    complete: Flags
    flags: Sequence[str]

    @property
    def divided(self) -> bool:
        """Whether it has rows of others than everybody."""
        return len(self.grid.names) > 1

    def on(self, grid: Grid) -> OperandRows:
        """The same in the rows of a grid of other segments."""
        if grid.names == self.grid.names:
            return self
        wide = len(grid.periods)
        place = {name: i for i, name in enumerate(self.grid.names)}
        mine = np.array([place.get(name, -1) for name in grid.names], np.int64)[grid.segment]
        row, known = np.maximum(mine, 0) * wide + grid.place, mine >= 0
        return OperandRows(
            grid,
            {name: np.where(known, numbers[row], np.nan) for name, numbers in self.numbers.items()},
            self.there[row] & known,
            self.complete[row] & known,
            [self.flags[i] if some else "" for i, some in zip(row.tolist(), known.tolist(), strict=True)],
        )


def operand_rows(operand: Operand, columns: Mapping[str, str], every: Grain, context: Context) -> OperandRows:
    """The rows of an operand: some columns of its view under new names."""
    table = _rows(operand, context.views[operand.metric])
    if not {*_SPAN} <= set(table.columns):
        raise UserError(f"the metric {operand.metric!r} has no value of a period, so no formula can read it")
    numbers = {name: _floats(table, column) for name, column in columns.items()}
    complete = _floats(table, "complete") == 1
    said = table["flags"].to_list() if "flags" in table.columns else [""] * table.height
    names = ("", *sorted({*table["segments"].to_list()} - {""}))
    grid = grid_of(names, context.clock, every)
    if table.height == len(grid) and all(table[name].equals(grid.columns[name]) for name in _SPAN):  # as nearly all are
        return OperandRows(grid, numbers, np.ones(len(grid), np.bool_), complete, said)
    row = _places(operand, table, grid, every)
    texts = dict(zip(row.tolist(), said, strict=True))
    return OperandRows(
        grid,
        {name: grid.spread(row, each, np.nan) for name, each in numbers.items()},
        grid.spread(row, np.ones(len(row), np.bool_), none=False),
        grid.spread(row, complete, none=False),
        [texts.get(place, "") for place in range(len(grid))],
    )


def _places(operand: Operand, table: pl.DataFrame, grid: Grid, every: Grain) -> Int64s:
    """Where each row of a table stands in a grid."""
    spans = table[[*_SPAN]].rows()
    if len({*spans}) < len(spans):
        raise UserError(
            f"the metric {operand.metric!r} has several rows a period, so a formula cannot tell which is meant",
            hint=f"say which: {operand.metric}[STEP], by its name or number",
        )
    segments = {name: i for i, name in enumerate(grid.names)}
    periods = {span: i for i, span in enumerate(zip(grid.periods.starts, grid.periods.ends, strict=True))}
    if any((start, end) not in periods for _, start, end in spans):
        raise UserError(
            f"the metric {operand.metric!r} has other periods than every: {every}",
            hint="a formula and the metrics that it reads have the same every:",
        )
    places = [segments[name] * len(grid.periods) + periods[start, end] for name, start, end in spans]
    return np.array(places, np.int64)


def _floats(table: pl.DataFrame, column: str) -> Floats:
    return table[column].cast(pl.Float64).to_numpy()


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
