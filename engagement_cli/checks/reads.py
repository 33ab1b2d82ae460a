"""What the configuration reads of the events: its predicates and the columns that metrics calculate with."""

from __future__ import annotations

from collections.abc import Iterator

from engagement_cli.checks.finding import Finding
from engagement_cli.errors import UserError
from engagement_cli.records import Record
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath
from engagement_cli.settings.walk import selections
from engagement_cli.sources.events import Wanted
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.predicates import sql_columns
from engagement_cli.sources.rows import as_texts


class Reads(Record):
    """What to scan for; `entries` are the outputs of the predicates of configured events."""

    wanted: Wanted
    entries: tuple[str, ...]
    findings: tuple[Finding, ...]


def event_reads(settings: Settings, loaded: Loaded, export: Export) -> Reads:
    """Predicates and numbers that fit the events export; a finding where a predicate of the user's own does not.

    Predicates of shipped presets name what only some exports have: they are left out in silence.
    """
    findings: list[Finding] = []
    outputs: dict[str, str] = {}
    for path, sql in _predicates(settings):
        if sql in outputs:
            continue
        try:
            as_texts(export, sql)
        except UserError as error:
            if loaded.is_own(path) and path[0] != "metrics":
                where = loaded.where(path)
                findings += [Finding("error", "predicate", p.what, where, p.hint) for p in error.problems]
            continue
        outputs[sql] = f"predicate {len(outputs)}"
    entries = (outputs[e.where] for e in settings.events.values() if e.where is not None and e.where in outputs)
    wanted = Wanted(
        predicates={output: sql for sql, output in outputs.items()},
        texts=tuple(_currency(export)),
        numbers=tuple(sorted(_numbers(settings, export))),
    )
    return Reads(wanted, tuple(dict.fromkeys(entries)), tuple(findings))


def unused_exclusions(settings: Settings, loaded: Loaded, exports: Exports) -> list[Finding]:
    """A warning for each exclusion of the user's own that applies to no source."""
    used = {name for names in exports.exclusions.values() for name in names}
    found = []
    for name, rule in settings.exclude.items():
        path: KeyPath = ("exclude", name)
        if name in used or not exports.sources or loaded.places.nearest(path) is None or not loaded.is_own(path):
            continue
        columns = ", ".join(sorted(sql_columns(rule.where)))
        what = f"the exclusion {name!r} leaves nothing out: no source has all of its columns ({columns})"
        found.append(Finding("warning", "predicate", what, loaded.where(path), "correct it, or remove it"))
    return found


def _predicates(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    for name, event in settings.events.items():
        if event.where is not None:
            yield ("events", name, "where"), event.where
    for name, metric in settings.metrics.items():
        if metric.where is not None:
            yield ("metrics", name, "where"), metric.where
        for path, selection in selections(metric, ("metrics", name)):
            if selection.where is not None and not (isinstance(selection, Aggregate) and selection.source != "events"):
                yield path, selection.where


def _numbers(settings: Settings, export: Export) -> set[str]:
    """Numeric columns that metrics add up or average, and the value."""
    schema = export.schema()
    columns = {
        selection.column
        for _, selection in selections(settings.metrics)
        if isinstance(selection, Aggregate) and selection.source == "events" and selection.operation != "distinct"
    }
    return {name for name in (*columns, "value") if name in schema and schema[name].is_numeric()}


def _currency(export: Export) -> list[str]:
    found = currency_column(export)
    return [found] if found else []


def currency_column(export: Export) -> str | None:
    """The column that says in which currency the amounts of a source are, if it has one."""
    names = sorted(export.names(), key=lambda n: (n not in export.columns, n))
    return next((n for n in names if n.lower().replace("_", "") in ("currency", "currencycode")), None)
