"""A metric as facts: its definition, its parameters and their defaults, its entry, its type's documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import yaml

from engagement_cli.catalogue.documentation import documentation
from engagement_cli.catalogue.outline import outline
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.metrics.protocol import MetricType
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.render.documents import FACT_SCHEMA
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings

Fact = tuple[str, str, float | None, str | None, str | None]
_TALK = {"type", "label", "description", "dimension", "stage", "better", "target", "benchmark", "action", "report"}

_WIDTH = 76  # of an entry's lines


def fact(part: str, item: str, text: object = None, *, number: float | None = None, unit: str | None = None) -> Fact:
    """One fact: a text, or a number with its unit, or both."""
    return part, item, number, unit, None if text is None else str(text)


def facts_table(facts: Iterable[Fact]) -> pl.DataFrame:
    """Facts as the table of a `Facts` document; those that say nothing are left out."""
    said = [row for row in facts if row[2] is not None or row[4] is not None]
    return pl.DataFrame(said, schema=dict(FACT_SCHEMA), orient="row")


def known_metric(settings: Settings, name: str) -> MetricParameters:
    """The entry of a metric. Raises UserError that suggests the closest names."""
    if name not in settings.metrics:
        hint = _labelled(name, settings) or did_you_mean(name, settings.metrics)
        hint = hint or "`engagement metrics list` shows them all"
        raise UserError(f"there is no metric {name!r}", hint=hint)
    return settings.metrics[name]


def _labelled(name: str, settings: Settings) -> str | None:
    """A hint where the name is how a metric is labelled, or the start of it (`net_promoter_score`)."""
    wanted = name.replace("_", " ").casefold()
    labels = {key: entry.label.casefold() for key, entry in settings.metrics.items() if entry.label}
    close = [key for key, label in labels.items() if label == wanted] or [
        key for key, label in labels.items() if label.startswith(f"{wanted} ") or label.startswith(f"{wanted},")
    ]
    return f"did you mean {' or '.join(map(repr, close[:3]))}?" if close else None


def about(loaded: Loaded, name: str, p: MetricParameters, semantics: str) -> list[Fact]:
    """What a metric is: its name, its definition in words, where that stands, and its hash."""
    return [
        fact("Definition", "metric", name),
        fact("Definition", "description", p.description),
        fact("Definition", "definition", semantics or None),
        fact("Definition", "type", p.type),
        fact("Definition", "every", p.every),
        fact("Definition", "defined in", loaded.entry_files.get(name)),
        fact("Definition", "definition hash", definition_hash(p, loaded.settings)),
    ]


def definition_facts(loaded: Loaded, name: str, p: MetricParameters) -> pl.DataFrame:
    """All that can be said about a metric without data."""
    type_ = METRIC_TYPES[p.type]
    bare = outline(name, p, METRIC_TYPES, loaded.settings)
    view = bare.view
    measures = "; ".join(f"{m.column} ({m.unit})" for m in view.measures)
    told = {
        "unit": view.measures[0].unit,
        "measures": measures,
        "dimension": p.dimension,
        "stage": p.stage,
        "better": p.better,
        "target": bare.target,
        "benchmark": bare.benchmark,
        "action": p.action,
    }
    return facts_table(
        [
            *about(loaded, name, p, view.semantics),
            *(fact("Definition", item, text) for item, text in told.items()),
            *_parameters(p, loaded.settings),
            fact("Entry", "", entry_text(name, p)),
            *(fact(f"Type {p.type}", heading, text) for heading, text in _told(type_) if text),
        ]
    )


def _told(type_: MetricType) -> Iterator[tuple[str, str]]:
    """A type's documentation for people: its example is for programmers, and the entry stands above."""
    yield from ((heading, text) for heading, text in documentation(type_).items() if heading != "Example")


def _parameters(p: MetricParameters, settings: Settings) -> list[Fact]:
    """Every parameter of the metric's type: what holds here, and the default where that differs."""
    used = p.model_dump(mode="json", by_alias=True, exclude_none=True)
    in_force = p.in_force(settings)
    found = []
    for field, info in type(p).model_fields.items():
        name = info.alias or field
        if name in _TALK:
            continue
        if info.is_required():
            found.append(fact("Parameters", name, f"{flow(used.get(name))} (required)"))
            continue
        default = flow(_plain(in_force.get(name, info.get_default(call_default_factory=True))))
        here = flow(used[name]) if name in used else default
        note = " (default)" if here == default or field not in p.model_fields_set else f" (default: {default})"
        found.append(fact("Parameters", name, here + note))
    return found


def _plain(default: Any) -> Any:
    if hasattr(default, "model_dump"):
        return default.model_dump(mode="json", by_alias=True, exclude_none=True)
    return (
        str(default) if default is not None and not isinstance(default, bool | int | float | str | tuple) else default
    )


def flow(value: Any) -> str:
    """A value as YAML on one line; nothing is `none`."""
    if value is None or value in ((), []):
        return "none"
    plain = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(plain, default_flow_style=True, width=1_000_000, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def entry_text(name: str, p: MetricParameters) -> str:
    """The resolved entry as YAML, which a configuration can take as it is under `metrics:`."""
    entry = p.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return "\n".join([f"{flow(name)}:", *(f"  {line}" for key in entry for line in _yaml({key: entry[key]}))])


def _yaml(entry: dict[str, Any]) -> list[str]:
    """One key of an entry, a line each; lists and small mappings in brackets."""
    (value,) = entry.values()
    style = None if isinstance(value, list | dict) else False
    text: str = yaml.safe_dump(entry, default_flow_style=style, width=_WIDTH, allow_unicode=True, sort_keys=False)
    return text.splitlines()
