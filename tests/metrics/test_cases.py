"""Hand-computed cases: one YAML file a metric type, beside this test. Each case holds exports, an entry, its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.measuring import measured

from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import METRIC_TYPES

HERE = Path(__file__).parent
SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


def cases() -> list[Any]:
    found = []
    for file in sorted(HERE.glob("*.yaml")):
        found += [pytest.param(case, id=f"{file.stem}: {case['name']}") for case in yaml.safe_load(file.read_text())]
    return found


def test_every_metric_type_has_a_file_of_cases() -> None:
    assert {file.stem for file in HERE.glob("*.yaml")} == set(METRIC_TYPES)


@pytest.mark.parametrize("buckets", [1, 7])
@pytest.mark.parametrize("case", cases())
def test_hand_computed_case(case: dict[str, Any], buckets: int) -> None:
    sources = {name: case[name] for name in SOURCES if name in case}
    answer = measured(
        {**case.get("metrics", {}), "it": case["metric"]},
        settings=case.get("settings"),
        asked={key: str(value) for key, value in case.get("range", {}).items()},
        limits=Limits(buckets=buckets),
        **sources,
    ).answer
    (metric,) = (found for found in answer.metrics if found.name == "it")
    actual = metric.view.table.to_dicts()
    expected = case["rows"]
    shown = [{key: row[key] for key in wanted} for row, wanted in zip(actual, expected, strict=False)]
    assert shown == [{key: _near(value) for key, value in row.items()} for row in expected]
    assert len(actual) == len(expected), actual[len(expected) :]
    for name, value in case.get("totals", {}).items():
        assert _picked(metric.view.totals[name], value) == _near(value)


def _picked(actual: Any, wanted: Any) -> Any:
    """Of a total that is a list of rows, only the keys that the case speaks of."""
    if not isinstance(wanted, list) or len(actual) != len(wanted):
        return actual
    return [{key: row[key] for key in picked} for row, picked in zip(actual, wanted, strict=True)]


def _near(value: Any) -> Any:
    """What is compared with: numbers nearly, dates as the ISO text that views hold."""
    if isinstance(value, list):
        return [{key: _near(part) for key, part in row.items()} for row in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return pytest.approx(value, rel=1e-6, abs=1e-9)
    return value.isoformat() if hasattr(value, "isoformat") else value
