"""Formulas over metrics: read by Python's own parser, of whose trees only plain arithmetic is let through."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Literal, TypeAlias

from engagement_cli.records import Record, replace
from engagement_cli.settings.mistakes import SettingError

_LONGEST = 500
_OPERATORS: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_HINT = "a formula has metrics (or metric.measure, metric[step]), numbers, + - * / and parentheses"


class Number(Record):
    """A constant."""

    value: float


class Operand(Record):
    """A metric's measure, None being its primary one; of several rows a period that of a step, by name or number."""

    metric: str
    measure: str | None = None
    step: str | int | None = None

    def __str__(self) -> str:
        """As the formula writes it."""
        whole = self.metric if self.measure is None else f"{self.metric}.{self.measure}"
        if self.step is None:
            return whole
        plain = isinstance(self.step, int) or self.step.isidentifier()
        return f"{whole}[{self.step if plain else repr(self.step)}]"


class Binary(Record):
    """Two formulas and what is done with them; `position` counts the operator's left side from character 1."""

    operator: Literal["+", "-", "*", "/"]
    left: Formula
    right: Formula
    position: int


Formula: TypeAlias = Number | Operand | Binary


def parse_formula(text: str) -> Formula:
    """The formula that a text holds.

    Raises `SettingError`, with the position, for anything but metrics, numbers, + - * / and parentheses.
    """
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        raise SettingError(f"the formula is longer than {_LONGEST} characters", "split it in several derived metrics")
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = (getattr(error, "offset", None) or len(text) + 1) - 1
        raise SettingError(f"the formula cannot be read{_at(text, at)}", _HINT) from None
    return _formula(tree.body, text)


def _formula(node: ast.expr, text: str) -> Formula:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and math.isfinite(value):
            return Number(float(value))
        case ast.Name(id=metric):
            return Operand(metric)
        case ast.Attribute(value=ast.Name(id=metric), attr=measure):
            return Operand(metric, measure)
        case ast.Subscript(value=ast.Name() | ast.Attribute(), slice=chosen):
            whole = _formula(node.value, text)
            return replace(whole, step=_step(chosen, text)) if isinstance(whole, Operand) else whole
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return _negative(_formula(node.operand, text), node.col_offset + 1)
        case ast.UnaryOp(op=ast.USub()):
            return Binary("*", Number(-1.0), _formula(node.operand, text), node.col_offset + 1)
        case ast.UnaryOp(op=ast.UAdd()):
            return _formula(node.operand, text)
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
            left, right = _formula(node.left, text), _formula(node.right, text)
            return Binary(_OPERATORS[type(operator)], left, right, node.col_offset + 1)
    raise SettingError(f"{_kind(node)} cannot be part of a formula{_at(text, node.col_offset)}", _HINT)


def _step(node: ast.expr, text: str) -> str | int:
    """What stands in brackets: a step's name, in quotes where it is no plain word, or its number."""
    match node:
        case ast.Constant(value=str() | int() as step) if not isinstance(step, bool):
            return step
        case ast.Name(id=step):
            return step
    hint = 'write metric[purchase], metric["signed up"] or metric[2]'
    raise SettingError(f"no step can be read in brackets{_at(text, node.col_offset)}", hint)


def _negative(formula: Formula, position: int) -> Formula:
    return Number(-formula.value) if isinstance(formula, Number) else Binary("*", Number(-1.0), formula, position)


def _at(text: str, offset: int) -> str:
    """Where in the text, counted from 1, with the character that stands there."""
    rest = text[offset : offset + 12]
    return f" at character {offset + 1}" + (f", from {rest!r}" if rest else ", its end")


def _kind(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return f"{ast.unparse(node)}"
        case ast.Call():
            return "a function"
        case ast.Compare() | ast.BoolOp() | ast.IfExp():
            return "a condition"
        case ast.BinOp():
            return "this operator"
        case ast.Attribute():
            return "a name with two dots"
        case ast.Subscript():
            return "brackets behind something else than a metric"
    return f"{type(node).__name__.lower()} syntax"


def operands(formula: Formula) -> Iterator[Operand]:
    """The metrics of a formula, from left to right, as often as they stand there."""
    match formula:
        case Operand():
            yield formula
        case Binary(left=left, right=right):
            yield from operands(left)
            yield from operands(right)
