"""Hand-computed cases of the customer table: one YAML file a family of columns, beside this test."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.profiles import configured, profiles_of

from engagement_cli.customers.registry import FAMILIES
from engagement_cli.customers.table import all_columns
from engagement_cli.engines.plan import Limits

HERE = Path(__file__).parent
SOURCES = ("events", "surveys", "subscriptions", "customers")


def cases() -> list[Any]:
    found = []
    for file in sorted(HERE.glob("*.yaml")):
        found += [pytest.param(case, id=f"{file.stem}: {case['name']}") for case in yaml.safe_load(file.read_text())]
    return found


def test_every_family_has_a_file_of_cases() -> None:
    assert {file.stem for file in HERE.glob("*.yaml")} == set(FAMILIES)


@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in ("properties", "rules")])
def test_every_column_stands_in_a_case(family: str) -> None:
    said = yaml.safe_load((HERE / f"{family}.yaml").read_text())
    expected = {column for case in said for row in case["rows"].values() for column in row}
    settings = configured({"key_features": ["x"], "events": {"x": {"degree": "low"}}})
    assert set(FAMILIES[family].columns(settings, {})) <= expected


@pytest.mark.parametrize("case", cases())
def test_hand_computed_case(case: dict[str, Any]) -> None:
    given = {
        "settings": configured(case.get("settings", {})),
        "asked": {key: str(value) for key, value in case.get("range", {}).items()},
    }
    sources = {name: case[name] for name in SOURCES if name in case}
    found = profiles_of(**given, limits=Limits(buckets=1), **sources)
    expected = case["rows"]
    shown = {who: {name: found.rows[who][name] for name in row} for who, row in expected.items() if who in found.rows}
    assert shown == {who: {name: _near(value) for name, value in row.items()} for who, row in expected.items()}
    assert set(found.rows) == {*expected, *case.get("others", [])}
    assert {name: found.missing[name] for name in case.get("missing", {})} == case.get("missing", {})
    again = profiles_of(**given, limits=Limits(buckets=7), **{name: shuffled(text) for name, text in sources.items()})
    assert again.table.equals(found.table)


def shuffled(text: str) -> str:
    """The same CSV rows in another order."""
    head, *rows = text.strip().splitlines()
    random.Random(1).shuffle(rows)
    return "\n".join([head, *rows])


def test_the_whole_table_has_the_columns_that_it_says() -> None:
    settings = configured({}, catalogue=True)
    names = [name for family in FAMILIES.values() for name in family.columns(settings, {})]
    assert list(all_columns(settings, {})) == names
    assert len(names) == len(set(names))


def _near(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return pytest.approx(value, rel=1e-9, abs=1e-9)
    return value
