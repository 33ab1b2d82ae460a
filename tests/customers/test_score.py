"""Scores of customers: contributions, scale, bands, trend, sensitivity, on small exports worked out by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engagement_cli.commands.scoring import best_first
from engagement_cli.customers.sensitivity import sensitivity
from engagement_cli.engines.plan import Limits
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import parse_instant
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.clock import Range


def rows_of(settings: dict[str, Any], as_of: str, buckets: int = 1, **sources: str) -> tuple[pl.DataFrame, Settings]:
    configured = Settings.model_validate(settings)
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, content in sources.items():
            path = Path(folder) / f"{name}.csv"
            path.write_text("\n".join(line.strip() for line in content.strip().splitlines()) + "\n")
            paths[name] = (str(path),)
        question = Question(
            settings=configured,
            exports=open_exports(configured, None, Overrides(paths=paths)),
            metrics={},
            range=Range(as_of=parse_instant(as_of)),
            table=lambda there: ("score", "band", "raw", "previous", "change"),
            keep_ids=True,
            limits=Limits(buckets=buckets),
        )
        table = ask(question).merged.profiles
    assert table is not None
    return table, configured


def scores(settings: dict[str, Any], as_of: str, buckets: int = 1, **sources: str) -> dict[str, dict[str, Any]]:
    rows, _ = rows_of(settings, as_of, buckets, **sources)
    return {row["customer"]: row for row in best_first(rows).to_dicts()}


EVENTS = """
    customer,event,timestamp
    ann,a,2025-01-20T10:00:00Z
    ann,a,2025-01-21T10:00:00Z
    ann,a,2025-01-21T12:00:00Z
    ann,b,2025-01-22T10:00:00Z
    ann,b,2025-01-23T10:00:00Z
    ann,b,2025-01-24T10:00:00Z
    ann,b,2025-01-25T10:00:00Z
    bob,a,2025-01-20T10:00:00Z
    bob,c,2025-01-20T10:00:00Z
    eve,a,2024-12-20T10:00:00Z
    old,a,2024-12-01T10:00:00Z
    new,a,2025-02-01T00:00:00Z
"""
WEIGHTS = {"a": {"weight": 2}, "b": {"weight": -1}}


@pytest.mark.parametrize("buckets", [1, 7])
def test_raw_is_weights_times_counts_with_the_contribution_of_every_event(buckets: int) -> None:
    found = scores({"events": WEIGHTS}, "2025-02-01", buckets, events=EVENTS)
    assert {name: (row["raw"], row["contribution_a"], row["contribution_b"]) for name, row in found.items()} == {
        "ann": (2.0, 6.0, -4.0),
        "bob": (2.0, 2.0, 0.0),
        "eve": (0.0, 0.0, 0.0),
        "old": (0.0, 0.0, 0.0),
    }


def test_percentiles_give_ties_their_middle_rank_and_average_fifty() -> None:
    found = scores({"events": WEIGHTS}, "2025-02-01", events=EVENTS)
    assert [row["score"] for row in found.values()] == [75.0, 75.0, 25.0, 25.0]
    assert list(found) == ["ann", "bob", "eve", "old"]
    assert [row["band"] for row in found.values()] == ["high", "high", "low", "low"]


def test_the_window_before_gives_the_trend_and_is_unknown_for_newcomers() -> None:
    found = scores({"events": WEIGHTS}, "2025-02-01", events=EVENTS)
    # The window is 4 January to 1 February, the one before 7 December to 4 January.
    assert {name: (row["previous"], row["change"]) for name, row in found.items()} == {
        "ann": (None, None),
        "bob": (None, None),
        "eve": (2.0, -2.0),
        "old": (0.0, 0.0),
    }


def test_everyone_known_from_any_source_is_scored_unless_first_seen_at_the_end_or_later() -> None:
    found = scores(
        {"events": WEIGHTS},
        "2025-02-01",
        events=EVENTS,
        surveys="customer,survey,timestamp,score\nsam,nps,2025-01-05T00:00:00Z,9\nlate,nps,2025-02-01T00:00:00Z,9",
        subscriptions="customer,started,ended,mrr\nsue,2024-01-05T00:00:00Z,,9\nnext,2025-03-01T00:00:00Z,,9",
        customers="customer,country\ncid,FR\nnew,FR",
    )
    assert set(found) == {"ann", "bob", "eve", "old", "sam", "sue", "cid", "new"}
    assert {found[name]["raw"] for name in ("sam", "sue", "cid", "new")} == {0.0}


def test_unconfigured_events_weigh_the_default_together() -> None:
    found = scores({"events": WEIGHTS, "score": {"default_weight": 0.5}}, "2025-02-01", events=EVENTS)
    assert (found["bob"]["raw"], found["bob"]["contribution_other events"]) == (2.5, 0.5)


def test_a_cap_counts_a_customers_latest_events() -> None:
    settings = {"events": {"a": {"weight": 2, "cap": 2}}, "score": {"half_life": "1d"}}
    found = scores(settings, "2025-01-22", events=EVENTS)
    # Ages of the two latest: 12 and 14 hours.
    expected = round(2e6 * 2 ** (-12 / 24)) + round(2e6 * 2 ** (-14 / 24))
    assert found["ann"]["raw"] == expected / 1e6


def test_days_count_each_local_day_once() -> None:
    settings = {"events": WEIGHTS, "score": {"count": "days"}}
    found = scores(settings, "2025-02-01", events=EVENTS)
    assert found["ann"]["raw"] == 2 * 2 - 4
    # 10:00 and 12:00 UTC lie on two days where midnight falls between them.
    found = scores({**settings, "timezone": "Etc/GMT-13"}, "2025-02-01", events=EVENTS)
    assert found["ann"]["raw"] == 3 * 2 - 4


def test_a_half_life_halves_an_event_of_that_age() -> None:
    settings = {"events": {"a": {"weight": 2}}, "score": {"half_life": "12h"}}
    found = scores(settings, "2025-01-21T22:00:00+00:00", events=EVENTS)
    assert found["bob"]["raw"] == 0.25  # 36 hours: 2 × 1/8
    assert found["ann"]["raw"] == pytest.approx(0.25 + 1.0 + 2 * 2 ** (-10 / 12), abs=1e-6)


def test_a_frozen_reference_lets_everyone_rise() -> None:
    settings = {"events": {"a": {"weight": 1}}, "score": {"window": "7d", "reference": "2025-01-08"}}
    events = """
        customer,event,timestamp
        x,a,2025-01-02T10:00:00Z
        y,a,2025-01-02T10:00:00Z
        y,a,2025-01-03T10:00:00Z
        x,a,2025-01-20T10:00:00Z
        x,a,2025-01-20T11:00:00Z
        x,a,2025-01-20T12:00:00Z
        z,a,2025-01-20T12:00:00Z
    """
    found = scores(settings, "2025-01-22", events=events)
    assert {name: row["score"] for name, row in found.items()} == {"x": 100.0, "y": 0.0, "z": 25.0}


@pytest.mark.parametrize(("scale", "expected"), [("max", [100.0, 50.0, 0.0]), ("none", [4.0, 2.0, -3.0])])
def test_other_scales(scale: str, expected: list[float]) -> None:
    events = """
        customer,event,timestamp
        x,a,2025-01-02T10:00:00Z
        x,a,2025-01-03T10:00:00Z
        y,a,2025-01-03T10:00:00Z
        z,b,2025-01-03T10:00:00Z
    """
    settings = {"events": {"a": {"weight": 2}, "b": {"weight": -3}}, "score": {"scale": scale}}
    found = scores(settings, "2025-01-22", events=events)
    assert [row["score"] for row in found.values()] == expected
    assert found["z"]["band"] == "low"


def test_overlapping_predicates_add_up_and_a_window_keeps_its_local_days_across_daylight_saving() -> None:
    settings = {
        "timezone": "Europe/Paris",
        "events": {"a": {"weight": 1}, "paid": {"where": "value > 0", "weight": 10}},
        "score": {"window": "2d"},
    }
    # Clocks go forward on 30 March: the window [29 March, 31 March) lasts 47 hours and begins at 23:00 UTC.
    events = """
        customer,event,timestamp,value
        x,a,2025-03-28T22:59:59Z,1
        x,a,2025-03-28T23:00:00Z,0
        x,a,2025-03-30T21:59:59Z,5
        x,a,2025-03-30T22:00:00Z,5
    """
    assert scores(settings, "2025-03-31", events=events)["x"]["raw"] == 12.0


def test_sensitivity_counts_who_changes_band_and_correlates_ranks() -> None:
    lines = [f"c{i},a,2025-01-10T10:00:00Z" for i in range(4)] + ["c3,b,2025-01-10T11:00:00Z"] * 2
    lines += ["c2,a,2025-01-11T10:00:00Z", "c2,b,2025-01-11T10:00:00Z"]
    settings = {
        "events": {"a": {"weight": 5}, "b": {"weight": -2}},
        "score": {"scale": "none", "bands": {"low": 0, "top": 5}},
    }
    rows, configured = rows_of(settings, "2025-01-20", events="\n".join(["customer,event,timestamp", *lines]))
    # Raw: c0 5, c1 5, c2 8, c3 1. A lighter `a` (4) leaves c0, c1 and c3 low and c2 at 6.
    table = {(row["event"], row["weight_change"]): row for row in sensitivity(rows, configured).to_dicts()}
    assert table["a", -0.2]["customers_changing_band"] == 2
    assert table["a", -0.2]["share_changing_band"] == 0.5
    assert table["a", 0.2]["customers_changing_band"] == 0
    assert {row["rank_correlation"] for row in table.values()} == {1.0}
    assert table["a", 0.2]["weight"] == 5


def test_a_weight_too_large_is_a_clear_error() -> None:
    with pytest.raises(Exception, match="too large for a score"):
        scores({"events": {"a": {"weight": 1e13}}}, "2025-02-01", events=EVENTS)
