"""Arithmetic over other metrics' values, period by period, segment by segment.

What: a number computed from metrics that are already there, such as purchases per visit.
Formula: the one given: metrics (or metric.measure), numbers, + - * / and parentheses; of a metric with several rows a
    period one of them, by step or number: checkout[purchase], checkout.conversion_from_previous[3]. A missing operand
    gives a missing value, so does a division by zero. Sums and differences of decimals are decimals.
Reads: the views of the metrics it names; these are measured with it.
Parameters: formula, unit (where the units of × and ÷ do not say it), every (that of its operands). Filters and
    breakdowns belong to the operands: rows are joined on segment and period.
Example:
    >>> from engagement_cli.metrics.derived import Parameters
    >>> p = Parameters.model_validate({"type": "derived", "formula": "purchases / visits.count"})
    >>> p.metrics_read()
    ('purchases', 'visits')

Source: this program's definitions. + and − need equal units; counts ÷ counts and alike are ratios, money ÷ count is
    money. A formula that is one measure alone, a multiple or part of it (days * 7, minutes / 60), or 1 − a share keeps
    its interval; others have none, as their operands are not independent. Complete where all operands are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl
from pydantic import field_validator, model_validator

from engagement_cli.errors import UserError
from engagement_cli.kernels.arrays import Flags
from engagement_cli.kernels.decimals import to_millionths
from engagement_cli.kernels.intervals import Floats
from engagement_cli.metrics.parts.formula import Binary, Formula, Number, Operand, operands, parse_formula
from engagement_cli.metrics.parts.formula_rows import (
    OperandRows,
    alone,
    behind_measure,
    measure_of,
    operand_rows,
    told_behind,
)
from engagement_cli.metrics.parts.formula_units import COMPOUND, unit_of
from engagement_cli.metrics.parts.grid import ViewColumn, grid_of
from engagement_cli.metrics.parts.period_rows import Word
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable

STATE: dict[str, StateTable] = {}
_ABOVE: Word = "above_one"
_OWN = ""  # an operand's own numbers, beside what stands behind it
Unit = Literal["share", "ratio", "count", "number", "money", "seconds", "days", "points", "score"]


class Parameters(MetricParameters):
    """The formula and, where it does not follow, the unit."""

    type: Literal["derived"]
    formula: str
    unit: Unit | None = None

    @field_validator("formula")
    @classmethod
    def _readable(cls, text: str) -> str:
        if not any(operands(parse_formula(text))):
            raise ValueError("formula: names no metric")
        return text

    @model_validator(mode="after")
    def _of_operands(self) -> Parameters:
        for key, given in (("by", self.by), ("where", self.where)):
            if given:
                raise ValueError(f"{key}: belongs to the metrics that the formula reads, not to the formula")
        return self

    def metrics_read(self) -> tuple[str, ...]:
        """The metrics that the formula names, each once."""
        return tuple(dict.fromkeys(operand.metric for operand in operands(parse_formula(self.formula))))


def needs(p: Parameters, settings: Settings) -> Needs:
    """Nothing of its own: its operands read."""
    return Needs(sources=frozenset())


def measure(p: Parameters, bucket: Bucket) -> State:
    """Nothing: everything happens in `finish`."""
    return {}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period with `value`, and both sides of an outermost division.

    Raises `UserError` for operands that are missing, of another grain, without one row a period, or of unfit units.
    """
    formula = parse_formula(p.formula)
    used = list(dict.fromkeys(operands(formula)))
    measures = {operand: measure_of(operand, context) for operand in used}
    unit = p.unit or unit_of(formula, {operand: found.unit for operand, found in measures.items()})
    if unit == COMPOUND:
        raise UserError(
            f"the unit of {p.formula!r} does not follow from its metrics",
            where=f"formula: {p.formula}",
            hint="say it with unit:, such as unit: number",
        )
    single = alone(formula, unit)
    behind = behind_measure(measures[single]) if single is not None else {}
    rows = _together(
        [operand_rows(operand, {_OWN: measures[operand].column, **behind}, p.every, context) for operand in used],
        context.clock,
        p.every,
    )
    numbers = {operand: each.numbers[_OWN] for operand, each in zip(used, rows, strict=True)}
    with np.errstate(all="ignore"):
        value = np.asarray(_value(formula, numbers))
        sides = {}
        if isinstance(formula, Binary) and formula.operator == "/":
            sides = {"numerator": _value(formula.left, numbers), "denominator": _value(formula.right, numbers)}
        told = {**sides, **told_behind({part: rows[0].numbers[part] for part in behind}, formula)}
    beyond = (value < 0) | (value > 1) if unit == "share" else np.zeros(len(value), np.bool_)
    value = np.where(np.isfinite(value), value, np.nan)
    if _adds_up(formula):
        value = to_millionths(value, np.fmax.reduce([np.abs(each) for each in numbers.values()]))
    columns: dict[str, ViewColumn] = {
        "value": value,
        **{part: np.broadcast_to(np.asarray(each, np.float64), len(value)) for part, each in told.items()},
        "complete": np.logical_and.reduce([each.complete for each in rows]),
        "flags": _flags(rows, beyond),
    }
    if "n" in told:
        columns["n"] = pl.Series("n", np.asarray(told["n"]), nan_to_null=True).cast(pl.Int64)
    return View(
        table=_table(rows, columns),
        measures=(Measure("value", context.money if unit == "money" else unit, **{part: part for part in told}),),
        columns=("period_start", "period_end", "segments", "value", *told, "complete"),
        semantics=f"{p.formula}, {p.every.words}",
    )


def _together(rows: Sequence[OperandRows], clock: Clock, every: Grain) -> list[OperandRows]:
    """All operands in one grid; where only some of them are broken down, that of everybody."""
    names = {name for each in rows for name in each.grid.names} if all(each.divided for each in rows) else {""}
    grid = grid_of(("", *sorted(names - {""})), clock, every)
    return [each.on(grid) for each in rows]


def _table(rows: Sequence[OperandRows], columns: Mapping[str, ViewColumn]) -> pl.DataFrame:
    """The columns in the rows that any operand has."""
    table = rows[0].grid.table(columns)
    there = np.logical_or.reduce([each.there for each in rows])
    return table if there.all() else table.filter(pl.Series(there))


def _flags(rows: Sequence[OperandRows], beyond: Flags) -> pl.Series:
    """The flags of all operands, each once, and what is `beyond` a share."""
    of_all = list(zip(*(each.flags for each in rows), beyond.tolist(), strict=True))
    joined = {
        (*flags, more): ";".join(dict.fromkeys([*filter(None, ";".join(flags).split(";")), *[_ABOVE] * more]))
        for *flags, more in {*of_all}
    }
    return pl.Series("flags", [joined[said] for said in of_all], dtype=pl.String)


def _value(formula: Formula, numbers: Mapping[Operand, Floats]) -> Floats | float:
    """What a formula comes to; NaN where it divides by nothing."""
    match formula:
        case Number(value=value):
            return value
        case Operand():
            return numbers[formula]
    left, right = _value(formula.left, numbers), _value(formula.right, numbers)
    match formula.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if isinstance(right, float):
        if not right:
            return left * np.nan
        # By a constant as by its reciprocal, as Polars did: the last digit of a series does not change.
        return left / right if isinstance(left, float) else left * (1 / right)
    return np.where(right != 0, left / right, np.nan)


def _adds_up(formula: Formula) -> bool:
    """Whether it is made of + and − alone: of decimals the result is a decimal again, but for what floats leave."""
    if isinstance(formula, Binary):
        return formula.operator in "+-" and _adds_up(formula.left) and _adds_up(formula.right)
    return True
