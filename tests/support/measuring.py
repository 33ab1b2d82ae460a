"""Small exports in, a finished metric out: the whole line on rows written in a test."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import Outcome, Question, ask
from engagement_cli.results import Finished
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import parse_duration, parse_instant
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.clock import Range


def parse_range(given: Mapping[str, Any]) -> Range:
    """`as_of`, `since`, `until` (dates or instants) and `last` (a duration) as YAML or a test writes them."""
    values: dict[str, Any] = {key: parse_instant(value) for key, value in given.items() if key != "last"}
    if "last" in given:
        values["last"] = parse_duration(given["last"])
    return Range(**values)


def measured(
    metrics: Mapping[str, Mapping[str, Any]],
    *,
    settings: Mapping[str, Any] | None = None,
    asked: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    **sources: str | pl.DataFrame,
) -> Outcome:
    """Ask for metric entries (as YAML would hold them) on sources given as CSV text or as frames."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, content in sources.items():
            if isinstance(content, str):
                path = Path(folder) / f"{name}.csv"
                path.write_text("\n".join(line.strip() for line in content.strip().splitlines()) + "\n")
            else:
                path = Path(folder) / f"{name}.parquet"
                content.write_parquet(path)
            paths[name] = (str(path),)
        configured = Settings.model_validate(dict(settings or {}))
        entries = {name: PARAMETERS[entry["type"]].model_validate(dict(entry)) for name, entry in metrics.items()}
        question = Question(
            settings=configured,
            exports=open_exports(configured, None, Overrides(paths=paths)),
            metrics=entries,
            range=parse_range(asked or {}),
            limits=limits or Limits(),
        )
        return ask(question)


def one(entry: Mapping[str, Any], **given: Any) -> Finished:
    """A single metric, finished."""
    (metric,) = measured({"it": entry}, **given).answer.metrics
    return metric
