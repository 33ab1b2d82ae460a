"""Derived metrics: what they read, what they refuse, and arithmetic that Python agrees with on random values."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError
from support.measuring import measured
from support.random_data import random_export

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.metrics.derived import Parameters
from engagement_cli.results import Finished
from engagement_cli.settings.metric import MetricParameters

EVENTS = """
    customer,event,timestamp,value
    a,visit,2025-01-01,
    a,purchase,2025-01-01,10
    b,visit,2025-01-02,
"""
VISITS = {"type": "aggregate", "count": "events", "events": ["visit"], "every": "day"}
SPENT = {"type": "aggregate", "sum": "value", "every": "day"}


def derive(formula: str, /, unit: str | None = None, every: str = "day", **metrics: Any) -> Finished:
    entry = {"type": "derived", "formula": formula, "every": every} | ({"unit": unit} if unit else {})
    given = {"settings": {"currency": "EUR"}, "events": EVENTS}
    answer = measured({"it": entry, **metrics}, **given).answer
    return answer.metrics[0]


def test_money_by_count_is_money() -> None:
    found = derive("spent / visits", spent=SPENT, visits=VISITS)
    assert found.rows["unit"].unique().to_list() == ["EUR"]
    assert found.rows["numerator"].to_list() == [10.0, 0.0]


def test_a_unit_given_is_taken() -> None:
    found = derive("spent * spent", unit="number", spent=SPENT)
    assert found.rows["unit"].unique().to_list() == ["number"]


def test_a_formula_as_deep_as_its_length_allows_is_computed() -> None:
    found = derive("-" * 490 + "visits", visits=VISITS)
    assert found.view.table["value"].to_list() == [1.0, 1.0]


def test_a_share_above_one_is_flagged() -> None:
    found = derive("spent / 4 / spent * 8", unit="share", spent=SPENT)
    assert found.view.table["flags"].to_list() == ["above_one", ""]
    assert found.view.table["value"].to_list() == [2.0, None]


@pytest.mark.parametrize(
    ("formula", "what"),
    [
        ("spent * spent", "does not follow"),
        ("spent + visits", "EUR cannot be added to count"),
        ("spent + nothing", "reads the metric 'nothing', which is not there"),
        ("visits.share", "has no measure 'share'"),
        ("steps / 2", "several rows a period"),
        ("weekly / 2", "other periods than every: day"),
        ("funnel / 2", "several rows a period"),
        ("1 - funnel[pay]", "has no step 'pay'"),
        ("1 - funnel[3]", "has no step 3"),
        ("visits[visit]", "has no named steps"),
        ("visits[1]", "has no numbered steps"),
        ("twice[visit]", "several rows a period"),
    ],
)
def test_what_cannot_be_computed_is_the_users_error(formula: str, what: str) -> None:
    known = {
        "spent": SPENT,
        "visits": VISITS,
        "steps": {"type": "frequency", "active": "visit", "every": "day"},
        "weekly": VISITS | {"every": "week"},
        "funnel": {"type": "funnel", "steps": ["visit", "purchase"], "every": "day"},
        "twice": {"type": "funnel", "steps": ["visit", "visit"], "every": "day"},
    }
    with pytest.raises(UserError, match=what):
        derive(formula, every="total" if formula.startswith("steps") else "day", **known)


def test_metrics_that_read_each_other_are_the_users_error() -> None:
    circle = {"type": "derived", "formula": "it + 1", "every": "day"}
    with pytest.raises(UserError, match="computed from itself: it → other → it"):
        derive("other", other=circle)


def test_what_an_operand_lacks_the_formula_lacks() -> None:
    with pytest.raises(UserError, match="no column 'nowhere' in the events export"):
        derive("lost / visits", lost={"type": "aggregate", "sum": "nowhere", "every": "day"}, visits=VISITS)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"formula": "1 + 2"}, "names no metric"),
        ({"formula": "a ^ b"}, "this operator"),
        ({"formula": "a / b", "by": ["plan"]}, "by: belongs to the metrics"),
        ({"formula": "a / b", "where": "x > 1"}, "where: belongs to the metrics"),
        ({"formula": "a / b", "unit": "miles"}, "unit"),
    ],
)
def test_entries_that_cannot_be_are_refused(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        Parameters.model_validate({"type": "derived", **entry})


def test_each_metric_is_read_once() -> None:
    p: MetricParameters = Parameters.model_validate({"type": "derived", "formula": "a / (b.x + a) - b.y"})
    assert p.metrics_read() == ("a", "b")


@pytest.mark.parametrize("seed", range(10))
def test_random_formulas_give_what_python_gives(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice)
    counts = {
        name: {"type": "aggregate", "count": "events", "events": [name], "every": "week", "by": ["channel"]}
        for name in ("a", "b", "c")
    }
    text = _formula(dice, 4)
    entries = {"it": {"type": "derived", "formula": text, "every": "week", "unit": "number"}, **counts}
    given = {"settings": {"timezone": export.zone}, "asked": {}}
    found = measured(entries, **given, limits=Limits(buckets=1), events=export.events).answer
    again = measured(entries, **given, limits=Limits(buckets=7), events=export.shuffled(dice).events).answer
    table = found.metrics[0].view.table
    assert table.equals(again.metrics[0].view.table)
    values = {m.name: _by_key(m.view.table) for m in found.metrics[1:]}
    names = [name for name in counts if name in text]
    assert table.height == len({key for name in names for key in values[name]})
    for row in table.iter_rows(named=True):
        key = (row["segments"], row["period_start"])
        expected = _python(text, {name: values[name].get(key) for name in names})
        assert row["value"] == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)), text


def _formula(dice: random.Random, depth: int) -> str:
    if depth == 0 or dice.random() < 0.2:
        return dice.choice(["a", "b", "c", "a", "b", "c", "2", "0.5"]) if depth < 4 else "a"
    left, right = _formula(dice, depth - 1), _formula(dice, depth - 1)
    text = f"{left} {dice.choice('+-*/')} {right}"
    return f"({text})" if depth < 4 else f"{text} * c"


def _by_key(table: pl.DataFrame) -> dict[tuple[str, str], float]:
    return {(row["segments"], row["period_start"]): row["value"] for row in table.iter_rows(named=True)}


def _python(text: str, values: dict[str, float | None]) -> float | None:
    """What Python makes of it; None where an operand is missing or a division is by zero."""
    if None in values.values():
        return None
    try:
        return float(eval(text, {"__builtins__": {}}, values))
    except ZeroDivisionError:
        return None
