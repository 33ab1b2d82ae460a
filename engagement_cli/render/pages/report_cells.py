"""The cells of one line of the report."""

from __future__ import annotations

from engagement_cli.render.marks import PARTIAL, WHY_MISSING, marks
from engagement_cli.render.numbers import MINUS, bound, difference, fixed, interval, is_number, quantity
from engagement_cli.render.page import Cell
from engagement_cli.render.pages.headline import Headline
from engagement_cli.render.sparkline import sparkline
from engagement_cli.render.text import safe
from engagement_cli.results import Finished

WORSE = "!"

_BOUNDS = {"higher": "≥ ", "lower": "≤ "}
_GOALS = {"at least": "≥ ", "at most": "≤ "}
_CHANGES = {"increase": "≥ ", "decrease": "≤ "}  # to levels that were computed, not written
_STATUS = {"met": "green", "on_track": "green", "behind": "yellow", "missed": "red"}


def _value(line: Headline) -> Cell:
    value = line.row["value"]
    amount = quantity(value, line.row["unit"] or "")
    names = tuple(name for name in line.named if is_number(value) or name in WHY_MISSING)
    style = "dim" if PARTIAL in line.named else "bold"
    return Cell(amount.number, f"{amount.unit} {marks(names)}".strip(), style, names)


def _change(line: Headline, better: str | None) -> Cell:
    """How the value moved, with an arrow; against `better`, a mark and not only a colour says so."""
    row = line.row
    moved = difference(row["value"], row["previous"], row["change"], row["unit"] or "")
    if moved is None or PARTIAL in line.named:
        return Cell()
    number, unit = moved.number, moved.unit
    if number[0] not in f"+{MINUS}":
        return Cell(f"= {number}", unit)
    up = number[0] == "+"
    arrow = f"{'▲' if up else '▼'} {number}"
    if better not in _BOUNDS:
        return Cell(arrow, unit)
    good = up == (better == "higher")
    return Cell(arrow, unit if good else f"{unit} {WORSE}".strip(), "green" if good else "red")


def _target(line: Headline, finished: Finished) -> Cell:
    target, told = line.row["target"], finished.target or ""
    if not is_number(target):
        return Cell(safe(told) if line.row["value"] is not None else "")
    change = next((sign for word, sign in _CHANGES.items() if told.startswith(word)), None)
    if change is not None:
        amount = quantity(target, line.row["unit"] or "", signed=False)
        return Cell(change + amount.number, amount.unit)
    amount = bound(target, line.row["unit"] or "")
    better = _BOUNDS.get(finished.better or "", "")
    sign = next((sign for word, sign in _GOALS.items() if told.startswith(word)), better)
    return Cell(sign + amount.number, amount.unit)


def cells(finished: Finished, line: Headline | None, label: str) -> tuple[Cell, ...]:
    """One cell a column of the report; only the label where there is no line. Benchmarks stand with the total alone."""
    if line is None:
        return (Cell(safe(label), style="dim"), *[Cell()] * 9)
    row = line.row
    status = row["status"] or ""
    total = not row["segments"]
    return (
        Cell(safe(label)),
        _value(line),
        Cell(interval(row["ci_low"], row["ci_high"], row["value"], row["unit"] or "")),
        _change(line, finished.better),
        Cell(safe(line.period)),
        Cell(sparkline(line.trend) if len(line.trend) > 1 else ""),
        _target(line, finished),
        Cell(status.replace("_", " "), style=_STATUS.get(status, "")),
        Cell(safe(finished.benchmark or "") if total else "", style="dim"),
        Cell(fixed(row["n"], 0) if row["n"] is not None else "", style="dim"),
    )
