from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from settings.conftest import TYPES, Load

from engagement_cli.errors import UserError
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.schema import json_schema
from engagement_cli.settings.yaml_lines import parse_yaml

EXAMPLE = Path(__file__).with_name("engagement.example.yaml").read_text(encoding="utf-8")
DEFAULT = """
metrics: {old: {type: funnel, steps: [a]}}
sources: {events: {path: a.csv}}
signals: {s: {where: a, reason: b}}
segments: {s: {column: a}}
"""


def accepts(text: str, types: Mapping[str, type[MetricParameters]] = TYPES) -> bool:
    data: Any = json.loads(json.dumps(parse_yaml(text, Path("engagement.yaml"))[0].plain()))
    return bool(Draft202012Validator(json_schema(types)).is_valid(data))


def test_it_is_a_schema_of_draft_2020_12_with_a_title_and_no_id() -> None:
    schema = json_schema(TYPES)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "engagement.yaml"
    assert "$id" not in schema
    json.dumps(schema)


def test_every_reference_in_it_leads_somewhere() -> None:
    schema = json_schema(TYPES)
    text = json.dumps(schema)
    used = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert used <= schema["$defs"].keys()


def test_defaults_are_written_as_a_user_would() -> None:
    properties = json_schema(TYPES)["$defs"]["metric_funnel"]["properties"]
    assert (properties["window"]["default"], properties["every"]["default"]) == ("14d", "month")


def test_the_whole_language_is_accepted_by_schema_and_loader(load: Load) -> None:
    assert accepts(EXAMPLE)
    loaded = load(EXAMPLE, saas="timezone: UTC")
    assert loaded.settings.gates[0].min_n == 200
    assert str(loaded.settings.annotations[0].date) == "2025-05-12"
    assert loaded.settings.metrics["churn"].benchmark is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "extends: none",
        "metrics: {old: {window: 7d}}",
        "metrics: {old: {label: x, by: plan}}",
        "metrics: {old: null}",
        "metrics: {old: {label: null}}",
        "metrics: {f: {type: funnel, steps: [a, [b, c], {where: x}, {event: d}, 'sql: e = 1'], window: null}}",
        "metrics:",
        "sources: {events: {dedupe: id}}",
        "sources: {events: {path: [a.csv, b.csv], columns: {value: 'sql: a * b', customer: id}}}",
        "signals: {s: {reason: x}}",
        "segments: {s: {cut: [1, 2]}}",
        "segments: {s: null}",
        "events: {a: {}, b: {weight: 70%, dimensions: interaction}}",
        "score: {window: 7d, half_life: null}",
        "active: sale",
        "active: {events: [a], where: b}",
        "currency: null",
        "metrics: {r: {type: ratio, numerator: {count: rows}, denominator: {sum: a}, least_share: 70%}}",
    ],
)
def test_what_the_loader_takes_the_schema_takes(load: Load, text: str) -> None:
    load(text, default=DEFAULT)
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "timezon: UTC",
        "version: 2",
        "extends: 3",
        "currency: euro",
        "week_start: munday",
        "inactive_days: 0",
        "session_gap: 30",
        "session_gap: 30 minutes",
        "events: {a: 3}",
        "events: {a: {weigth: 1}}",
        "events: {a: {weight: many}}",
        "events: {a: {cap: 1.5}}",
        "dimensions: {influense: {signals: {a: 1}}}",
        "segments: {s: {cut: [a]}}",
        "signals: {s: {where: true}}",
        "signals: {s: {where: ''}}",
        "sources: {event: {path: a.csv}}",
        "sources: {events: {path: a.csv, columns: {value: {sq: x}}}}",
        "sources: {events: {path: a.csv, dedupe: rows}}",
        "score: {scale: rank}",
        "metrics: {f: {type: funel}}",
        "metrics: {f: {type: funnel}}",
        "metrics: {f: {type: funnel, steps: [1]}}",
        "metrics: {f: {type: funnel, steps: [a], windw: 3d}}",
        "metrics: {f: {type: funnel, steps: [a], every: daily}}",
        "metrics: {f: {type: funnel, steps: [a], report: yes}}",
        "metrics: {old: {lable: x}}",
        "metrics: {r: {type: retention, start: a, return: b, return_event: c}}",
        "metrics: {r: {type: ratio, numerator: {count: rows}, denominator: {sum: a}, least_share: 70}}",
        "metrics: {s: {type: subscription, measure: churn}}",
        "metrics: {v: {type: aggregate, count: rows, benchmark: {value: 1}}}",
        "gates: [{metric: old, at_least: soon}]",
        "gates: {metric: old}",
        "annotations: [{date: 2025-01-01}]",
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(load: Load, text: str) -> None:
    with pytest.raises(UserError):
        load(text, default=DEFAULT)
    assert not accepts(text)
