"""A merged configuration against the models: each metric by the model of its type, then the whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from engagement_cli.errors import Problem, did_you_mean
from engagement_cli.settings.implied import implied_by_signals
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.mistakes import shown
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import Places
from engagement_cli.settings.problems import Located, translate
from engagement_cli.settings.tree import Tree


def validate(
    tree: Tree,
    types: Mapping[str, type[MetricParameters]],
    places: Places,
    ready: Mapping[str, MetricParameters] = MappingProxyType({}),
) -> tuple[Settings | None, list[Located]]:
    """The settings, or None, and every problem found with the path of keys that it concerns.

    `ready` are metrics that were validated as they stand in the tree.
    """
    plain = tree.plain()
    data: dict[str, Any] = dict(plain) if isinstance(plain, dict) else {}
    found: list[Located] = []
    entries = data.pop("metrics", {})
    metrics: dict[str, MetricParameters] = {}
    if not isinstance(entries, dict):
        found.append(_problem(("metrics",), f"a mapping (key: value) is expected, not {shown(entries)}", None, places))
        entries = {}
    entries = implied_by_signals(data.get("signals"), types) | entries
    for name, entry in entries.items():
        if name in ready:
            metrics[name] = ready[name]
            continue
        parameters, problems = _metric(name, entry, types, places, set(entries))
        found += problems
        if parameters is not None:
            metrics[name] = parameters
    try:
        # Only the keys as documented: the models' own names of `from:` or `return:` are not part of the language.
        settings = Settings.model_validate(data | {"metrics": metrics}, by_alias=True, by_name=False)
    except ValidationError as error:
        return None, found + translate(error, Settings, data, places)
    return (None if found else settings), found


def _metric(
    name: str,
    entry: object,
    types: Mapping[str, type[MetricParameters]],
    places: Places,
    names: set[str],
) -> tuple[MetricParameters | None, list[Located]]:
    path = ("metrics", name)
    if not isinstance(entry, dict):
        return None, [_problem(path, f"a mapping (key: value) is expected, not {shown(entry)}", None, places)]
    if "type" not in entry:
        close = did_you_mean(name, names - {name}) or ""
        hint = close if close.startswith("did you mean") else f"type: is one of {', '.join(sorted(types))}"
        return None, [_problem(path, f"`type:` is missing, and no metric {name!r} is inherited", hint, places)]
    kind = entry["type"]
    model = types.get(kind) if isinstance(kind, str) else None
    if model is None:
        what = f"{shown(kind)} is no type of metric"
        return None, [_problem((*path, "type"), what, did_you_mean(str(kind), types), places)]
    try:
        return model.model_validate(entry, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, translate(error, model, entry, places, path)


def _problem(path: tuple[str, ...], what: str, hint: str | None, places: Places) -> Located:
    return path, Problem(what, places.where(path), hint)
