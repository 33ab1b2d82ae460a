"""Whole reports with the work divided in any way, and one metric of every type on exports that have everything."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from support.measuring import parse_range
from support.random_data import random_export
from support.random_tables import countries, random_subscriptions, random_surveys

from engagement_cli.commands.options import Choice, Inputs, Options, Output, Running, Time
from engagement_cli.commands.session import open_session
from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import METRIC_TYPES, PARAMETERS
from engagement_cli.pipeline import Outcome, Question, ask
from engagement_cli.render.documents import Report
from engagement_cli.render.formats import json as json_format
from engagement_cli.render.layout import Layout
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports

SALES = {"numerator": {"sum": "value"}, "denominator": {"count": "orders"}}
# At least one of every type: with a breakdown, a column, things, nobody's rows, history.
EVERY_TYPE: dict[str, dict[str, Any]] = {
    "abandonment": {"type": "abandonment", "steps": ["a", "b"], "properties": ["channel"], "by": ["country"]},
    "active": {"type": "active", "every": "week", "active": "a", "by": ["channel"]},
    "adoption": {"type": "adoption", "events": "b", "of": "a", "by": ["channel", "country"]},
    "trailing": {"type": "active", "trailing": "7d", "every": "day", "active": "a"},
    "sum": {"type": "aggregate", "sum": "value", "by": ["country"]},
    "mean": {"type": "aggregate", "mean": "value", "by": ["channel"]},
    "median": {"type": "aggregate", "median": "value"},
    "largest": {"type": "aggregate", "max": "value"},
    "orders": {"type": "aggregate", "count": "orders", "by": ["channel"]},
    "clv": {"type": "clv", "purchase": "a"},
    "cost": {"type": "cost", "column": "value", "by": ["channel"]},
    "clv_observed": {"type": "clv", "method": "observed", "purchase": "a"},
    "derived": {"type": "derived", "formula": "sum / orders"},
    "by_band": {"type": "aggregate", "sum": "value", "by": ["band"]},  # rows are read again, once bands are known
    "distribution": {"type": "distribution", "of": "band", "by": ["country"]},
    "elapsed": {"type": "elapsed", "start": "a", "end": "b", "key": "order", "limit": "24h", "by": ["country"]},
    "frequency": {"type": "frequency", "every": "day", "active": "a"},
    "funnel": {"type": "funnel", "steps": ["a", "b", "c"], "by": ["channel"]},
    "inactivity": {"type": "inactivity", "every": "week", "inactive_days": 3, "active": "a"},
    "lifecycle": {"type": "lifecycle", "every": "day", "active": "a", "by": ["country"]},
    "new_content": {"type": "new_content", "events": "a", "content": "channel", "new": "3d", "by": ["country"]},
    "paths": {"type": "paths", "by": ["channel"]},
    "paths_to": {"type": "paths", "to": "b", "entry": "first_time", "window": "5d"},
    "ratio": {"type": "ratio", **SALES, "by": ["channel"]},
    "referrals": {"type": "referrals", "purchase": "a", "by": ["country"]},
    "regular": {"type": "regular", "every": "week", "active": "a", "periods": 2, "by": ["country"]},
    "retention": {"type": "retention", "start": "a", "return": "b", "every": "day", "intervals": 5},
    "score": {"type": "score", "by": ["country"]},
    "sessions": {"type": "sessions", "every": "day", "by": ["channel"]},
    "stickiness": {"type": "stickiness", "every": "week", "window": "7d", "active": "a"},
    "subscription": {"type": "subscription", "measure": "nrr", "by": ["subscriptions.plan"]},
    "survey": {"type": "survey", "measure": "nps", "answers": "all", "by": ["country"]},
    "time_spent": {"type": "time_spent", "events": "a", "gap": "4h", "by": ["channel"]},
    "velocity": {"type": "velocity", "events": ["a", "b"], "content": "channel", "from": "c", "by": ["country"]},
    "themes": {"type": "themes", "every": "month", "by": ["country"]},
}
SETTINGS: dict[str, Any] = {
    "score": {"default_weight": 1, "half_life": "5d"},
    "events": {"a": {"weight": 0.7}, "b": {"weight": -1.1}},
}


def random_sources(dice: random.Random, rows: int = 400) -> dict[str, pl.DataFrame]:
    """Exports of every kind about the same few customers, with rows of nobody, ties and repeated orders."""
    export = random_export(dice, rows=rows, customers=12, days=40, place=("UTC", date(2025, 3, 1)))
    return {
        "events": export.events.rename({"basket": "order"}),
        "subscriptions": random_subscriptions(dice, date(2025, 1, 1), customers=12),
        "surveys": random_surveys(dice, date(2025, 3, 1), days=30),
        "customers": countries(dice).with_columns(referred_by=pl.lit("003")),
    }


def report_bytes(limits: Limits, *, engine: str = "local", all_metrics: bool = False, **paths: Path) -> bytes:
    """`report --format json` of the packaged catalogue, the sample where no exports are given.

    With `all_metrics`, those besides that only other commands show.
    """
    exports: dict[str, Any] = {name: [str(path)] for name, path in paths.items()}
    options = Options(Inputs(sample=True, **exports), Time(), Choice(), Output(quiet=True), Running())
    session = open_session(options)
    given: dict[str, Any] = {
        "metrics": session.settings.metrics if all_metrics else session.reported(),
        "engine": engine,
        "range": session.range,
        "lenient": True,
        "loaded": session.loaded,
    }
    outcome = ask(Question(settings=session.settings, exports=session.exports, limits=limits, **given))
    return as_json(outcome)


def as_json(outcome: Outcome) -> bytes:
    """The bytes of a whole report."""
    stream = io.BytesIO()
    json_format.render(Report(outcome.answer, customers=outcome.merged.customers), stream, Layout(width=120))
    return stream.getvalue()


def types_covered(entries: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The metric types of some entries, of those that there are."""
    return {entry["type"] for entry in entries.values()} & set(METRIC_TYPES)


def shuffled(sources: Mapping[str, pl.DataFrame], dice: random.Random) -> dict[str, pl.DataFrame]:
    """Every source with its rows in another order."""
    return {
        name: table.sample(fraction=1, shuffle=True, seed=dice.randrange(1 << 30)) for name, table in sources.items()
    }


def every_type(
    sources: Mapping[str, pl.DataFrame],
    limits: Limits,
    *,
    asked: Mapping[str, Any] | None = None,
    row_group_size: int | None = None,
    **more: Any,
) -> Outcome:
    """The metrics of `EVERY_TYPE`, answered."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, table in sources.items():
            table.write_parquet(file := Path(folder) / f"{name}.parquet", row_group_size=row_group_size)
            paths[name] = (str(file),)
        settings = Settings.model_validate(SETTINGS)
        question = Question(
            settings=settings,
            exports=open_exports(settings, None, Overrides(paths=paths)),
            metrics={name: PARAMETERS[entry["type"]].model_validate(entry) for name, entry in EVERY_TYPE.items()},
            range=parse_range(asked or {}),
            limits=limits,
            **more,
        )
        return ask(question)
