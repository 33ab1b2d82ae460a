"""Formulas: what is read, what is refused and where, what unit comes out."""

from __future__ import annotations

import pytest

from engagement_cli.errors import UserError
from engagement_cli.metrics.parts.formula import Binary, Number, Operand, operands, parse_formula
from engagement_cli.metrics.parts.formula_units import unit_of
from engagement_cli.settings.mistakes import SettingError


def test_a_formula_is_a_tree_of_metrics_and_numbers() -> None:
    product = Binary("*", Number(2.0), Operand("visits", "customers"), 11)
    assert parse_formula("(buyers + 2 * visits.customers)") == Binary("+", Operand("buyers"), product, 2)


def test_lines_and_spaces_do_not_matter() -> None:
    assert parse_formula("  a /\n  b ") == parse_formula("a / b")


def test_signs_are_read() -> None:
    assert parse_formula("-3") == Number(-3.0)
    assert parse_formula("+a") == Operand("a")
    assert parse_formula("-a") == Binary("*", Number(-1.0), Operand("a"), 1)


def test_operands_come_from_left_to_right_as_often_as_they_stand_there() -> None:
    assert [str(o) for o in operands(parse_formula("a / (b.x - a) * 3"))] == ["a", "b.x", "a"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a ** 2", "this operator cannot be part of a formula at character 1"),
        ("a % 2", "this operator"),
        ("1 + max(a, b)", "a function cannot be part of a formula at character 5"),
        ("a > 1", "a condition"),
        ("a if b else c", "a condition"),
        ("a and b", "a condition"),
        ("a + 'b'", "'b' cannot be part of a formula at character 5"),
        ("a + True", "True cannot be part"),
        ("a * 1j", "1j cannot be part"),
        ("a * 1e999", "cannot be part"),
        ("a.b.c", "a name with two dots"),
        ("a[0][1]", "brackets behind something else than a metric"),
        ("(a + b)[0]", "brackets behind something else than a metric"),
        ("a[b + 1]", "no step can be read in brackets at character 3"),
        ("a[1:2]", "no step can be read"),
        ("a[True]", "no step can be read"),
        ("a[0.5]", "no step can be read"),
        ("a[-1]", "no step can be read"),
        ("(lambda: a)", "lambda syntax"),
        ("a +", "the formula cannot be read at character 4, its end"),
        ("a b", "the formula cannot be read"),
        ("", "the formula cannot be read"),
        ("(" * 300 + "a" + ")" * 300, "longer than 500 characters"),
        ("not a", "unaryop syntax"),
        ("__import__('os').system('true')", "a function"),
    ],
)
def test_anything_but_plain_arithmetic_is_refused_with_its_place(text: str, what: str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_formula(text)
    assert what in str(raised.value)


UNITS = {
    **{name: name for name in ("share", "ratio", "count", "number", "seconds", "days", "points")},
    "eur": "EUR",
    "usd": "USD",
}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("count / count", "ratio"),
        ("eur / eur", "ratio"),
        ("share / share", "ratio"),
        ("eur / count", "EUR"),
        ("eur * share / count", "EUR"),
        ("eur * 0.8 / share", "EUR"),
        ("seconds / 3600", "seconds"),
        ("count / 7", "number"),
        ("count * share", "count"),
        ("share * share", "share"),
        ("1 - share", "share"),
        ("2 - share", "ratio"),
        ("1 + share", "ratio"),
        ("share - 1", "ratio"),
        ("share + share", "ratio"),
        ("0.5 * share", "share"),
        ("2 * share", "ratio"),
        ("-share", "ratio"),
        ("-eur", "EUR"),
        ("count + count - 3", "count"),
        ("100 * ratio", "ratio"),
        ("seconds + seconds / 2", "seconds"),
        ("1 / share", "number"),
        ("ratio / count", "ratio"),
        ("eur * seconds", "compound"),
        ("count / seconds", "compound"),
        ("eur / usd", "compound"),
        ("1 / eur", "compound"),
        ("2 + 3", "number"),
    ],
)
def test_units_follow_from_the_operands(text: str, unit: str) -> None:
    assert unit_of(parse_formula(text), {Operand(name): known for name, known in UNITS.items()}) == unit


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("eur + seconds", "EUR cannot be added to seconds", 1),
        ("count * (eur - usd)", "USD cannot be subtracted from EUR", 10),
        ("share + ratio", "share cannot be added to ratio", 1),
        ("count + eur / eur", "count cannot be added to ratio", 1),
    ],
)
def test_sums_of_unequal_units_are_refused(text: str, what: str, at: int) -> None:
    with pytest.raises(UserError) as raised:
        unit_of(parse_formula(text), {Operand(name): known for name, known in UNITS.items()})
    (problem,) = raised.value.problems
    assert problem.what == what
    assert problem.where == f"formula, from character {at}"


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("a[pay]", Operand("a", None, "pay")),
        ("a.b[2]", Operand("a", "b", 2)),
        ("a['signed up']", Operand("a", None, "signed up")),
        ('a.b["where x > 1"]', Operand("a", "b", "where x > 1")),
    ],
)
def test_a_step_in_brackets_is_read_and_written_again(text: str, operand: Operand) -> None:
    assert parse_formula(text) == operand
    assert parse_formula(str(operand)) == operand


def test_brackets_bind_closer_than_any_operator() -> None:
    step = Binary("/", Operand("a", None, "pay"), Operand("b", None, 2), position=5)
    assert parse_formula("1 - a[pay] / b[2]") == Binary("-", Number(1.0), step, position=1)
