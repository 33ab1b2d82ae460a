"""What entries of sessions, retention and funnel may say, what is refused, and what becomes of it in metric rows."""

from __future__ import annotations

import random
from typing import Any

import jsonschema
import polars as pl
import pytest
from pydantic import ValidationError
from support.measuring import one
from support.random_data import random_export

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.metrics.funnel import Parameters as Funnel
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.metrics.retention import Parameters as Retention
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.model import Settings
from engagement_cli.settings.schema import json_schema
from engagement_cli.settings.values import Selection

EVENTS = """
    customer,event,timestamp
    a,signup,2025-01-06T10:00:00Z
    a,visit,2025-01-13T10:00:00Z
    b,signup,2025-01-13T10:00:00Z
    b,visit,2025-01-20T10:00:00Z
    b,visit,2025-02-03T10:00:00Z
"""
JOURNEYS: list[dict[str, Any]] = [
    {"type": "sessions", "every": "week"},
    {"type": "retention", "every": "week", "start": "a", "return": "b", "intervals": 3},
    {"type": "funnel", "steps": ["a", "b"], "every": "week", "hold": "basket"},
    {"type": "funnel", "steps": ["a", "b"], "every": "week", "distinct": "basket"},
    {"type": "abandonment", "steps": ["a", "b"], "every": "week", "properties": ["basket"]},
    {"type": "paths", "every": "week", "from": "a", "window": "2d"},
    {"type": "paths", "every": "week", "gap": "6h", "repeats": "keep"},
]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"type": "sessions", "session": "visit_id", "gap": "10m"}, "goes without gap"),
        ({"type": "sessions", "session": "visit_id", "split_midnight": True}, "goes without gap"),
        ({"type": "sessions", "gap": "0m"}, "no usable duration"),
        ({"type": "retention"}, "Field required"),
        ({"type": "retention", "start": "a", "every": "total"}, "needs hour, day"),
        ({"type": "retention", "start": "a", "intervals": 3, "brackets": ["0"]}, "instead of intervals"),
        ({"type": "retention", "start": "a", "brackets": ["3-1"]}, "no bracket of periods"),
        ({"type": "retention", "start": "a", "brackets": ["first"]}, "no bracket of periods"),
        ({"type": "retention", "start": "a", "intervals": 4, "show": 4}, "none of the periods 0, 1, 2, 3"),
        ({"type": "retention", "start": "a", "min_count": 0}, "greater than or equal to 1"),
        ({"type": "retention", "start": "a", "interval": 4}, "Extra inputs"),
        ({"type": "funnel", "steps": []}, "at least 1"),
        ({"type": "funnel", "steps": ["a"] * 31}, "at most 30"),
        ({"type": "funnel", "steps": ["a", "b"], "exclude": ["x:2:1"]}, "the earlier first"),
        ({"type": "funnel", "steps": ["a", "b"], "exclude": ["x:0:1"]}, "the earlier first"),
        ({"type": "funnel", "steps": ["a", "b"], "exclude": [{"event": "x", "to": 3}]}, "two of the 2 steps"),
        ({"type": "funnel", "steps": ["a", "b"], "exclude": [{"from": 1, "to": 2}]}, "needs events: or where:"),
        ({"type": "abandonment", "steps": ["a", "b"], "exclude": ["x:2:1"]}, "the earlier first"),
        ({"type": "abandonment", "steps": ["a", "b"], "top": 0}, "greater than or equal to 1"),
        ({"type": "paths", "from": "a", "to": "b"}, "a funnel has both"),
        ({"type": "paths", "depth": 2}, "goes with from: or to:"),
        ({"type": "paths", "from": "a", "window": "7d", "gap": "30m"}, "instead of a session"),
        ({"type": "paths", "from": "a", "repeats": "drop"}, "'collapse' or 'keep'"),
        ({"type": "funnel", "steps": ["a", "b"], "order": "loose"}, "'sequential', 'strict' or 'any'"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PARAMETERS[entry["type"]].model_validate(entry)


@pytest.mark.parametrize(
    ("written", "events", "where", "between"),
    [
        ("refund", ("refund",), None, (1, 3)),
        ("refund:1:2", ("refund",), None, (1, 2)),
        ("app:refund", ("app:refund",), None, (1, 3)),
        ("app:refund:2:3", ("app:refund",), None, (2, 3)),
        ("sql: kind = 'x:y'", None, "kind = 'x:y'", (1, 3)),
        ("sql: kind = 'x':2:3", None, "kind = 'x'", (2, 3)),
        ({"event": "refund", "from": 2}, ("refund",), None, (2, 3)),
        ({"events": ["a", "b"], "where": "x > 1", "to": 2}, ("a", "b"), "x > 1", (1, 2)),
    ],
)
def test_an_exclusion_is_read_in_every_form(
    written: Any, events: tuple[str, ...] | None, where: str | None, between: tuple[int, int]
) -> None:
    p = Funnel.model_validate({"type": "funnel", "steps": ["a", "b", "c"], "exclude": [written]})
    (exclusion,) = p.exclude
    assert exclusion.selection == Selection(events=events, where=where)
    assert exclusion.between(3) == between
    # What was read can be written again, and means the same.
    assert Funnel.model_validate(p.model_dump(mode="python", by_alias=True)) == p


def test_the_schema_takes_what_the_types_take() -> None:
    validator = jsonschema.Draft202012Validator(json_schema(PARAMETERS))
    entries = {
        "visits": {"type": "sessions", "exclude": ["ping"], "cap": "24h", "split_midnight": True},
        "week_4": {"type": "retention", "start": "signup", "return": "active", "every": "week", "intervals": 5},
        "brackets": {"type": "retention", "start": "signup", "brackets": ["0", "1-3"], "clock": "elapsed"},
        "checkout": {
            "type": "funnel",
            "steps": ["visit", {"where": "event = 'cart' AND value > 0"}, "purchase"],
            "window": "14d",
            "exclude": ["refund:1:2", {"event": "note", "where": "bad", "from": 1}],
        },
        "before_buying": {"type": "paths", "to": ["order", "purchase"], "window": "7d", "top": 5, "exclude": ["ping"]},
        "carts": {"type": "abandonment", "steps": ["cart", "purchase"], "properties": ["fee"], "distinct": "order"},
    }
    assert not list(validator.iter_errors({"metrics": entries}))
    assert list(validator.iter_errors({"metrics": {"a": {"type": "funnel", "steps": ["x"], "exclude": [{"to": "b"}]}}}))


def test_period_0_and_eleven_more_by_default() -> None:
    assert Retention.model_validate({"type": "retention", "start": "a"}).cells == tuple((n, n) for n in range(12))


def test_cohorts_pooled_stand_for_the_metric_after_its_cells() -> None:
    entry = {"type": "retention", "every": "week", "start": "signup", "return": "visit", "intervals": 3}
    found = one(entry, events=EVENTS, asked={"since": "2025-01-06", "as_of": "2025-02-03"})
    pooled = found.rows.filter(pl.col("cohort_start").is_null())
    assert found.rows.tail(3).equals(pooled)
    assert pooled["index"].to_list() == [0, 1, 2]
    assert pooled["value"].to_list() == [0.0, 1.0, 0.0]
    assert pooled["denominator"].to_list() == [2.0, 2.0, 2.0]
    assert pooled["segments"].to_list() == ["", "", ""]
    shown = one({**entry, "show": 1}, events=EVENTS, asked={"since": "2025-01-06", "as_of": "2025-02-03"})
    assert shown.rows.filter(pl.col("cohort_start").is_null())["index"].to_list() == [1]
    assert shown.view.table.equals(found.view.table)
    assert shown.view.totals == found.view.totals


def test_a_target_is_judged_on_the_pooled_row() -> None:
    entry = {"type": "retention", "every": "week", "start": "signup", "return": "visit", "intervals": 2, "show": 1}
    found = one({**entry, "target": {"at_least": 0.9}}, events=EVENTS, asked={"as_of": "2025-01-27"})
    assert found.rows.filter(pl.col("cohort_start").is_null())["status"].to_list() == ["met"]


def test_a_funnels_rows_carry_step_number_and_name() -> None:
    found = one({"type": "funnel", "steps": ["signup", "visit", "visit"], "window": "30d"}, events=EVENTS)
    rows = found.rows.filter(measure="conversion_from_start")
    assert rows["step"].to_list() == ["signup", "visit", "visit"]
    assert rows["index"].to_list() == [1, 2, 3]
    assert rows["value"].to_list() == [1.0, 1.0, 0.5]
    assert rows["unit"].unique().to_list() == ["share"]
    assert rows["flags"].str.contains("provisional").all()  # b's window runs past the data's end


def test_a_name_that_no_row_has_is_a_mistake() -> None:
    for entry in (
        {"type": "funnel", "steps": ["signup", "vsit"]},
        {"type": "retention", "start": "signup", "return": "vsit"},
        {"type": "sessions", "events": ["vsit"]},
    ):
        with pytest.raises(UserError, match="vsit"):
            one(entry, events=EVENTS)


@pytest.mark.parametrize("entry", JOURNEYS, ids=lambda entry: " ".join(map(str, entry)))
def test_any_number_of_buckets_gives_the_same(entry: dict[str, Any]) -> None:
    export = random_export(random.Random(3), rows=400, customers=60)
    customers = "customer,country\n" + "\n".join(f"{n:03},{'FR' if n % 3 else 'DE'}" for n in range(50))
    entry = {**entry, "by": ["channel", "country"]}
    wholes = [one(entry, events=export.events, customers=customers, limits=Limits(buckets=n)) for n in (1, 7, 64)]
    assert wholes[0].rows.height > 10
    for other in wholes[1:]:
        assert other.view.table.equals(wholes[0].view.table)
        assert other.view.totals == wholes[0].view.totals
        assert other.rows.equals(wholes[0].rows)


def test_what_a_number_rests_on_is_in_its_definition() -> None:
    def digest(entry: dict[str, Any], **said: Any) -> str:
        settings = Settings.model_validate(said)
        return definition_hash(PARAMETERS[entry["type"]].model_validate(entry), settings)

    paths, windowed = {"type": "paths"}, {"type": "paths", "from": "a", "window": "7d"}
    assert digest(paths) != digest(paths, session_gap="5m")
    assert digest(paths) != digest({**paths, "repeats": "keep"})
    assert digest(windowed) != digest({**windowed, "window": "8d"})
    carts = {"type": "abandonment", "steps": ["a", "b"], "properties": ["fee"]}
    cuts = [{"fee": {"column": "events.shipping", "cut": [0, bound]}} for bound in (5, 10)]
    assert digest(carts, segments=cuts[0]) != digest(carts, segments=cuts[1])
