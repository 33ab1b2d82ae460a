"""Units under arithmetic: what a formula over metrics is measured in, and which sums make no sense."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.errors import UserError
from engagement_cli.metrics.parts.formula import Binary, Formula, Number, Operand

_PLAIN = {"share", "ratio", "number", "count"}  # numbers without a dimension
CONSTANT = "constant"
COMPOUND = "compound"  # such as money squared: only an explicit unit can name it


def unit_of(formula: Formula, units: Mapping[Operand, str]) -> str:
    """The unit of a formula, `number` for one of constants alone, or `COMPOUND`.

    Raises `UserError` where unequal units are added or subtracted.
    """
    unit = _unit(formula, units)
    return "number" if unit == CONSTANT else unit


def _unit(formula: Formula, units: Mapping[Operand, str]) -> str:
    match formula:
        case Number():
            return CONSTANT
        case Operand():
            return units[formula]
        case Binary(operator="+" | "-"):
            return _sum(formula, _unit(formula.left, units), _unit(formula.right, units))
        case Binary(operator="*"):
            return _product(formula, _unit(formula.left, units), _unit(formula.right, units))
    return _quotient(_unit(formula.left, units), _unit(formula.right, units))


def _sum(formula: Binary, left: str, right: str) -> str:
    if left == right:
        return "ratio" if left == "share" else left  # two shares need not add up to one
    if CONSTANT not in (left, right):
        word = "added to" if formula.operator == "+" else "subtracted from"
        first, second = (left, right) if formula.operator == "+" else (right, left)
        raise UserError(
            f"{first} cannot be {word} {second}",
            where=f"formula, from character {formula.position}",
            hint="both sides of + and - need the same unit; a division makes ratios of them",
        )
    if left == CONSTANT and right == "share":
        whole = formula.operator == "-" and formula.left == Number(1.0)
        return "share" if whole else "ratio"
    return _unbounded(right if left == CONSTANT else left)


def _product(formula: Binary, left: str, right: str) -> str:
    if CONSTANT in (left, right):
        factor = formula.left if left == CONSTANT else formula.right
        other = right if left == CONSTANT else left
        within = isinstance(factor, Number) and 0 <= factor.value <= 1
        return other if within or other == CONSTANT else _unbounded(other)
    if left in _PLAIN and right in _PLAIN:
        if left == right == "share":
            return "share"
        return "count" if "count" in (left, right) and {left, right} <= {"count", "share", "ratio"} else "number"
    if left in _PLAIN or right in _PLAIN:
        return right if left in _PLAIN else left
    return COMPOUND


def _quotient(left: str, right: str) -> str:
    if left == right:
        return left if left in (CONSTANT, COMPOUND) else "ratio"
    if right == CONSTANT:
        return "number" if left == "count" else _unbounded(left)
    if left == CONSTANT:
        return "number" if right in _PLAIN else COMPOUND
    if right in _PLAIN:
        return "ratio" if left in ("share", "ratio") else "number" if left == "count" else left
    return COMPOUND


def _unbounded(unit: str) -> str:
    return "ratio" if unit == "share" else unit
