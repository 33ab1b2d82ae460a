"""`views:` and `costs:` in the language: how boards merge, what the schema takes, what is a mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from settings.conftest import TYPES, Load

from engagement_cli.errors import UserError
from engagement_cli.settings.schema import json_schema
from engagement_cli.settings.yaml_lines import parse_yaml

BASE = """
metrics: {a: {type: funnel, steps: [x]}, b: {type: funnel, steps: [y]}}
views: {campaigns: {title: Old, by: [campaign], metrics: [a, b], notes: [read me]}}
"""


def accepts(text: str) -> bool:
    data: Any = json.loads(json.dumps(parse_yaml(text, Path("engagement.yaml"))[0].plain()))
    return bool(Draft202012Validator(json_schema(TYPES)).is_valid(data))


def test_a_board_is_completed_field_by_field_and_removed_by_null(load: Load) -> None:
    board = load("views: {campaigns: {metrics: [b], by: null}}", default=BASE).settings.views["campaigns"]
    assert (board.title, board.by, board.metrics, board.notes) == ("Old", (), ("b",), ("read me",))
    assert load("views: {campaigns: null, own: {metrics: [a]}}", default=BASE).settings.views.keys() == {"own"}


@pytest.mark.parametrize(
    ("text", "said", "where"),
    [
        ("views:\n  own:\n    metrics: [a, c]", "there is no metric 'c'", ":3 views.own.metrics[1]"),
        ("views:\n  own:\n    metrics: [a, a]", "'a' stands here twice", ":3 views.own.metrics"),
        ("views:\n  own:\n    title: x", "`metrics:` is missing", ":2 views.own.metrics"),
        ("views:\n  own:\n    metric: [a]\n    metrics: [a]", "unknown key 'metric'", ":3 views.own.metric"),
        (
            "views:\n  own:\n    metrics: [a]\n    findings: [{high: a, low: z, says: x}]",
            "there is no metric 'z'",
            ":4 views.own.findings[0].low",
        ),
    ],
)
def test_a_mistake_in_a_board_is_told_with_its_line(load: Load, text: str, said: str, where: str) -> None:
    with pytest.raises(UserError) as error:
        load(text, default=BASE)
    assert [said in p.what for p in error.value.problems] == [True]
    assert str(error.value.problems[0].where).endswith(where)


def test_an_inherited_board_may_name_a_metric_that_was_removed(load: Load) -> None:
    load("metrics: {b: null}", default=BASE)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("views: {campaigns: {metrics: [b], by: null}}", True),
        ("views: {campaigns: null}", True),
        ("views: {own: {metrics: a, by: campaign, every: week, findings: [{high: a, low: [b], says: x}]}}", True),
        ("views: {own: {metrics: a, every: fortnight}}", False),
        ("costs: {campaign: {x: 1, y: {amount: 2, from: 2025-01-01, until: 2025-02-01}, z: [1, {amount: 2}]}}", True),
        ("costs: {campaign: {x: -1}}", False),
        ("costs: {campaign: {x: {amount: 2, from: 2025-01-01}}}", False),
        ("costs: {campaign: 5}", False),
    ],
)
def test_the_schema_takes_what_the_loader_takes(load: Load, text: str, right: bool) -> None:
    assert accepts(text) == right
    try:
        load(text, default=BASE)
        loaded = True
    except UserError:
        loaded = False
    assert loaded == right
