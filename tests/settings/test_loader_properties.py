"""Whatever stands in a file: settings, or problems that say where; never another exception."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from settings.conftest import TYPES

from engagement_cli.errors import UserError
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.loader import load_settings
from engagement_cli.settings.references import check_references

SECTIONS = [
    *("timezone", "currency", "rates", "sources", "exclude", "active", "key_features", "inactive_days", "session_gap"),
    *("events", "dimensions", "score", "segments", "signals", "metrics", "gates", "alerts", "annotations", "extends"),
]
FIELDS = [
    *("type", "steps", "start", "return", "window", "where", "column", "cut", "weight", "events", "event", "signals"),
    *("numerator", "denominator", "count", "sum", "path", "columns", "sql", "by", "target", "at_least", "metric"),
    *("date", "text", "reason", "bands", "of", "benchmark", "every", "influence", "cap", "<<", "[key]", "str"),
]
WORDS = [*TYPES, "none", "active", "visit", "UTC", "EUR", "14d", "week", "rows", "70%", "2025-06-30", "", "yes"]
scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 10**20), st.floats(), st.sampled_from(WORDS), st.text())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(FIELDS), st.text()), inner, max_size=4)
    ),
    max_leaves=12,
)
entries = st.dictionaries(st.sampled_from(["a", "b", "active"]), values, max_size=2)
configurations = st.dictionaries(st.sampled_from(SECTIONS), st.one_of(values, entries), max_size=5)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(own=configurations, base=configurations)
def test_a_configuration_loads_or_says_what_is_wrong_and_where(tmp_path: Path, own: Any, base: Any) -> None:
    base.pop("extends", None)
    # JSON is YAML, but for lone surrogates, which no file can hold.
    (tmp_path / "default.yaml").write_bytes(json.dumps(base).encode())
    file = tmp_path / "engagement.yaml"
    file.write_bytes(json.dumps(own, ensure_ascii=False).encode(errors="replace"))
    try:
        loaded = load_settings(file, types=TYPES, preset=lambda name: tmp_path / f"{name}.yaml")
    except UserError as error:
        assert error.problems
        assert all(problem.what and problem.where for problem in error.problems)
        return
    assert all(problem.where for problem in check_references(loaded, known_events={"visit"}, known_columns={}))
    for metric in loaded.settings.metrics.values():
        assert len(definition_hash(metric, loaded.settings)) == 12


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=60), st.text("ab:-[]{}&*!|>%@#'\"\t\n ,?<0", max_size=40).map(str.encode)))
def test_any_bytes_load_or_say_what_is_wrong(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "engagement.yaml"
    file.write_bytes(content)
    (tmp_path / "default.yaml").touch()
    try:
        load_settings(file, types=TYPES, preset=lambda name: tmp_path / f"{name}.yaml")
    except UserError as error:
        assert all(problem.what for problem in error.problems)
