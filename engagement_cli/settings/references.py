"""Names that a configuration uses, against those that it or the exports define."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from engagement_cli.errors import Problem, did_you_mean
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.names import ACTIVE
from engagement_cli.settings.places import KeyPath, Places
from engagement_cli.settings.scoring import COUNTED_SIGNALS, SCALED_SIGNALS
from engagement_cli.settings.sources import Sources
from engagement_cli.settings.walk import event_names

_Found: TypeAlias = tuple[KeyPath, Callable[[], Problem]]


class Doubt(Problem):
    """Something that looks wrong but need not be: shown as a warning."""


def check_references(
    loaded: Loaded, *, known_events: AbstractSet[str] | None, known_columns: Mapping[str, AbstractSet[str]] | None
) -> list[Problem]:
    """Events, segments and columns that the user's own files name and nothing defines, by file and line.

    `known_events` are those of the export and `known_columns` the columns of each source (computed ones under
    any name); None where no export is at hand: then what cannot be judged is a `Doubt`, for a warning. Entries
    of shipped presets are not looked at, since they name what only some exports have.
    """
    if not loaded.has_own:
        return []
    found = [
        *_events(loaded, known_events),
        *_signals(loaded, known_events),
        *_segments(loaded, known_columns),
        *_columns(loaded, known_columns),
    ]
    own = [(path, problem) for path, problem in found if loaded.is_own(path)]
    return [problem() for _, problem in sorted(own, key=lambda pair: loaded.places.rank(pair[0]))]


def _events(loaded: Loaded, exported: AbstractSet[str] | None) -> Iterator[_Found]:
    settings, places = loaded.settings, loaded.places
    known = {ACTIVE, *settings.events, *(exported or ())}
    used = [
        *(pair for name, metric in settings.metrics.items() for pair in event_names(metric, ("metrics", name))),
        *event_names(settings.active, ("active",)),
    ]
    for path, name in used:
        if name not in known:
            yield _unknown("event", name, written(path, places), known - {ACTIVE}, places, sure=exported is not None)
    for name, event in settings.events.items():
        if exported is not None and event.where is None and name not in exported:
            yield _unknown("event", name, ("events", name), exported, places, sure=False)


def _signals(loaded: Loaded, exported: AbstractSet[str] | None) -> Iterator[_Found]:
    """Signals of the four I's: events, or what the customer table counts or scales."""
    settings, places = loaded.settings, loaded.places
    known = {*COUNTED_SIGNALS, *SCALED_SIGNALS, *settings.events, *(exported or ())}
    for dimension, entry in settings.dimensions.items():
        for name in entry.signals:
            if name not in known:
                path = ("dimensions", dimension, "signals", name)
                yield _unknown("event or signal", name, path, known, places, sure=exported is not None)


def _segments(loaded: Loaded, columns: Mapping[str, AbstractSet[str]] | None) -> Iterator[_Found]:
    settings, places = loaded.settings, loaded.places
    qualified = {f"{source}.{name}" for source, names in (columns or {}).items() for name in names}
    known = {*settings.segments, *_mapped(settings.sources), *(n for names in (columns or {}).values() for n in names)}
    divided = [("metrics", name, metric.by) for name, metric in settings.metrics.items()]
    divided += [("views", name, board.by) for name, board in settings.views.items()]
    for section, name, by in divided:
        for index, segment in enumerate(by):
            if segment not in known and segment not in qualified:
                path = written((section, name, "by", index), places)
                yield _unknown("segment or column", segment, path, known, places, sure=columns is not None)


def _columns(loaded: Loaded, columns: Mapping[str, AbstractSet[str]] | None) -> Iterator[_Found]:
    """Segments on `source.column`; columns without a source may be computed ones."""
    for name, segment in loaded.settings.segments.items():
        source, dot, column = (segment.column or "").partition(".")
        if dot and columns is not None and source in columns and column not in columns[source]:
            known = {f"{source}.{known}" for known in columns[source]}
            path = ("segments", name, "column")
            yield _unknown("column", f"{source}.{column}", path, known, loaded.places, sure=True)


def _mapped(sources: Sources) -> Iterator[str]:
    for name in type(sources).model_fields:
        source = getattr(sources, name)
        yield from source.columns if source is not None else ()


def written(path: KeyPath, places: Places) -> KeyPath:
    """The path at which the user wrote what the full form writes at `path`: `start[1]` for `start.events[1]`."""
    options = [path]
    if len(path) > 1 and path[-2] == "events":
        options += [(*path[:-2], path[-1]), path[:-1], (*path[:-2], "event"), path[:-2]]
    options.append(path[:-1])
    return next((option for option in options if places.has(option)), path)


def _unknown(kind: str, name: str, path: KeyPath, known: Iterable[str], places: Places, *, sure: bool) -> _Found:
    maker = Problem if sure else Doubt

    def problem() -> Problem:  # made for the user's own entries only: suggestions among many names take time
        return maker(f"unknown {kind} {name!r}", places.where(path), did_you_mean(name, known))

    return path, problem
