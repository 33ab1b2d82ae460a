"""Scores are counted for all events at once; one by one they are the same."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.random_data import random_export

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline import weights

EVENTS: dict[str, Any] = {
    "a": {"weight": 1.5, "cap": 3},
    "b": {"weight": -2},
    "dear": {"where": "value > 1 AND event <> 'x'", "weight": 0.333333, "cap": 2},
    "of_web": {"where": "channel = 'web'", "weight": 4},
}


def rows(events: pl.DataFrame, entries: dict[str, Any]) -> pl.DataFrame:
    settings = Settings.model_validate({"events": entries, "score": {"window": "14d", "default_weight": 0.25}})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "events.parquet"
        events.write_parquet(file)
        question = Question(
            settings=settings,
            exports=open_exports(settings, None, Overrides(paths={"events": (str(file),)})),
            metrics={},
            table=lambda there: ("raw", "previous"),
            limits=Limits(buckets=1),
        )
        found = ask(question).merged.profiles
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_way_of_counting_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    events = random_export(random.Random(seed), rows=300).events
    counted = rows(events, EVENTS)
    assert {"contribution_dear", "contribution_other events"} <= set(counted.columns)
    monkeypatch.setattr(weights, "_all_alike", lambda bucket: False)
    assert rows(events, EVENTS).equals(counted)


def test_a_weight_is_too_large_only_for_what_counts() -> None:
    events = pl.DataFrame({"customer": ["a"] * 2000, "event": "x"}).with_columns(
        timestamp=pl.datetime_range(pl.datetime(2025, 1, 1), pl.datetime(2025, 1, 20), eager=True, closed="left")
        .sample(2000, with_replacement=True, seed=1)
        .dt.replace_time_zone("UTC")
    )
    assert rows(events, {"x": {"weight": 1e10, "cap": 5}})["raw"].max() == 5 * 10**10
    with pytest.raises(UserError, match="too large for a score"):
        rows(events, {"x": {"weight": 1e10}})
