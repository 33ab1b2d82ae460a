"""A folder of exports, one events file a day, and reports on them that keep what they read."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from support.whole_report import EVERY_TYPE, as_json, random_sources

from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.cache.shelf import Kept
from engagement_cli.timeline.cache.terms import Terms

SETTINGS: dict[str, Any] = {
    "score": {"default_weight": 1, "half_life": "5d"},
    "events": {"a": {"weight": 0.7}, "b": {"weight": -1.1}},
}
FEW = {name: EVERY_TYPE[name] for name in ("active", "orders", "funnel")}


class Shop:
    """A folder of exports, one events file a day, a cache beside it, and reports on them."""

    def __init__(self, folder: Path, seed: int, dedupe: str) -> None:
        dice = random.Random(seed)
        sources = random_sources(dice, rows=500)
        events = sources.pop("events")
        events = events.with_columns(id=pl.Series([dice.choice([None, *map(str, range(250))]) for _ in events.rows()]))
        self.days = [events[at : at + 50] for at in range(0, events.height, 50)]
        self.folder, self.cache, self.dedupe = folder / "exports", folder / "cache", dedupe
        (self.folder / "events").mkdir(parents=True)
        for name, table in sources.items():
            table.write_parquet(self.folder / f"{name}.parquet")
        self.told: list[str] = []
        self.files_read = 0

    def write(self, day: int, rows: pl.DataFrame | None = None) -> None:
        (self.days[day] if rows is None else rows).write_parquet(self.folder / "events" / f"{day:02}.parquet")

    def terms(self, **more: Any) -> Terms:
        return Terms(self.cache, warn=self.told.append, **more)

    def report(
        self,
        *,
        terms: Terms | None = None,
        limits: Limits | None = None,
        entries: Mapping[str, Any] = EVERY_TYPE,
        settings: Mapping[str, Any] | None = None,
    ) -> bytes:
        source = {"path": "events", "dedupe": self.dedupe}
        chosen = Settings.model_validate({**SETTINGS, **(settings or {}), "sources": {"events": source}})
        paths = {name: (str(self.folder / f"{name}.parquet"),) for name in ("surveys", "subscriptions", "customers")}
        question = Question(
            settings=chosen,
            exports=open_exports(chosen, None, Overrides(paths={**paths, "events": (str(self.folder / "events"),)})),
            metrics={name: PARAMETERS[entry["type"]].model_validate(entry) for name, entry in entries.items()},
            limits=limits or Limits(buckets=3),
            cache=terms,
        )
        return as_json(ask(question))

    def kept(self, **more: Any) -> bytes:
        """A report with the cache, of what was read alone: answers are forgotten."""
        shutil.rmtree(self.cache / "answers-1", ignore_errors=True)
        return self.report(terms=self.terms(), **more)

    def answered(self, **more: Any) -> bytes:
        return self.report(terms=self.terms(), **more)

    def segments(self) -> list[Kept]:
        return [each for each in self.terms().shelf.all() if isinstance(each, Kept)]
