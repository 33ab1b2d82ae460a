"""The customer table of small exports, as rows by customer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from support.measuring import parse_range

from engagement_cli.customers.table import Profiling
from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import Outcome, Question, ask
from engagement_cli.settings.loader import load_settings
from engagement_cli.settings.model import Settings
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.sources.exports import Overrides, open_exports


@dataclass(frozen=True)
class Profiles:
    """A finished table, why other columns are missing, why some say nothing, and the outcome around it."""

    table: pl.DataFrame
    missing: Mapping[str, str]
    silent: Mapping[str, str]
    outcome: Outcome

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Each customer's row by id."""
        return {row["customer"]: row for row in self.table.to_dicts()}


def configured(written: Mapping[str, Any], *, catalogue: bool = False) -> Settings:
    """Settings as YAML would hold them; with `catalogue`, entries of the packaged one that they do not replace."""
    metrics = {name: PARAMETERS[e["type"]].model_validate(dict(e)) for name, e in written.get("metrics", {}).items()}
    own = Settings.model_validate({name: value for name, value in written.items() if name != "metrics"})
    if not catalogue:
        return own.model_copy(update={"metrics": metrics})
    packaged = load_settings(None, types=PARAMETERS, preset=shipped_preset).settings
    replaced = {name: getattr(own, name) for name in own.model_fields_set}
    return packaged.model_copy(update={**replaced, "metrics": {**packaged.metrics, **metrics}})


def profiles_of(
    settings: Mapping[str, Any] | Settings | None = None,
    *,
    asked: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    columns: Iterable[str] | None = None,
    metrics: Mapping[str, Mapping[str, Any]] | None = None,
    **sources: str | pl.DataFrame,
) -> Profiles:
    """The table of sources given as CSV text or as frames, by default with all its columns; `metrics` beside it."""
    made = settings if isinstance(settings, Settings) else configured(settings or {})
    planned: list[Profiling] = []

    def wanted(profiling: Profiling) -> Iterable[str]:
        planned.append(profiling)
        return set(profiling.columns) if columns is None else columns

    with tempfile.TemporaryDirectory() as folder:
        question = Question(
            settings=made,
            exports=open_exports(made, None, Overrides(paths=written(Path(folder), sources))),
            metrics={name: PARAMETERS[e["type"]].model_validate(dict(e)) for name, e in (metrics or {}).items()},
            range=parse_range(asked or {}),
            limits=limits or Limits(),
            keep_ids=True,
            table=wanted,
        )
        outcome = ask(question)
    table = outcome.merged.profiles
    assert table is not None
    return Profiles(table, planned[0].missing, outcome.merged.silent, outcome)


def written(folder: Path, sources: Mapping[str, str | pl.DataFrame]) -> dict[str, tuple[str, ...]]:
    """The sources as files: CSV text and frames as Parquet, by name."""
    paths = {}
    for name, content in sources.items():
        if isinstance(content, str):
            path = folder / f"{name}.csv"
            path.write_text("\n".join(line.strip() for line in content.strip().splitlines()) + "\n")
        else:
            path = folder / f"{name}.parquet"
            content.write_parquet(path)
        paths[name] = (str(path),)
    return paths
