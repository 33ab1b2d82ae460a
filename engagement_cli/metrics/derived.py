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

from functools import reduce
from typing import Literal

import polars as pl
from pydantic import field_validator, model_validator

from engagement_cli.errors import UserError
from engagement_cli.kernels.decimals import to_millionths
from engagement_cli.metrics.parts.formula import Binary, Formula, Number, Operand, operands, parse_formula
from engagement_cli.metrics.parts.formula_rows import KEYS, alone, behind_measure, measure_of, operand_rows, told_behind
from engagement_cli.metrics.parts.formula_units import COMPOUND, unit_of
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable

STATE: dict[str, StateTable] = {}
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
    frames = [
        operand_rows(operand, {f"_{i}": measures[operand].column, **behind}, f"_{i}", p.every, context)
        for i, operand in enumerate(used)
    ]
    table = reduce(_joined, frames) if len(frames) > 1 else frames[0]
    table = table.sort("segments", "period")
    columns = {operand: pl.col(f"_{i}") for i, operand in enumerate(used)}
    complete = pl.all_horizontal(pl.col(f"_complete_{i}").fill_null(value=False) for i in range(len(used)))
    value = _expression(formula, columns)
    sides = {}
    if isinstance(formula, Binary) and formula.operator == "/":
        sides = {"numerator": _expression(formula.left, columns), "denominator": _expression(formula.right, columns)}
    said = told_behind(behind, formula)
    words = _words([f"_flags_{i}" for i in range(len(used))])
    beyond = [pl.when(~value.is_between(0, 1)).then(pl.lit("above_one"))] if unit == "share" else []
    table = table.select(
        *KEYS,
        value=pl.when(value.is_finite()).then(value),
        **(sides | said),
        complete=complete,
        _largest=pl.max_horizontal(pl.col(f"_{i}").abs() for i in range(len(used))),
        flags=pl.concat_str([pl.when(words != "").then(words), *beyond], separator=";", ignore_nulls=True).fill_null(
            ""
        ),
    )
    told = tuple(dict.fromkeys((*sides, *said)))
    if _adds_up(formula):
        table = table.with_columns(to_millionths(table["value"], table["_largest"]))
    return View(
        table=table.drop("_largest"),
        measures=(Measure("value", context.money if unit == "money" else unit, **{part: part for part in told}),),
        columns=("period_start", "period_end", "segments", "value", *told, "complete"),
        semantics=f"{p.formula}, {p.every.words}",
    )


def _words(columns: list[str]) -> pl.Expr:
    """The flags of all operands, each once."""
    if len(columns) == 1:
        return pl.col(columns[0]).fill_null("")
    flags = pl.concat_list(pl.col(column).fill_null("").str.split(";") for column in columns)
    return flags.list.eval(pl.element().filter(pl.element() != "")).list.unique(maintain_order=True).list.join(";")


def _adds_up(formula: Formula) -> bool:
    """Whether it is made of + and − alone: of decimals the result is a decimal again, but for what floats leave."""
    if isinstance(formula, Binary):
        return formula.operator in "+-" and _adds_up(formula.left) and _adds_up(formula.right)
    return True


def _joined(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Rows of either side; where only one of them is broken down, those of everybody."""
    whole, keys = pl.col("segments") == "", list(KEYS)
    divided = [bool((side["segments"] != "").any()) for side in (left, right)]
    if not all(divided):
        left, right = (side.filter(whole) if by else side for side, by in zip((left, right), divided, strict=True))
    if left[keys].equals(right[keys]):
        return left.hstack(right.drop(keys).get_columns())
    return left.join(right, on=keys, how="full", coalesce=True, nulls_equal=True)


def _expression(formula: Formula, columns: dict[Operand, pl.Expr]) -> pl.Expr:
    match formula:
        case Number(value=value):
            return pl.lit(value, pl.Float64)
        case Operand():
            return columns[formula]
    left, right = _expression(formula.left, columns), _expression(formula.right, columns)
    match formula.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return pl.when(right != 0).then(left / right)
