"""The selections of events inside a model, found by kind, so that a new metric type needs nothing here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.places import KeyPath
from engagement_cli.settings.values import Selection

_FOUND = (Selection, Aggregate)
_HOLDING = (BaseModel, tuple, dict)


def selections(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Selection | Aggregate]]:
    """Every `Selection` and `Aggregate` in a model, a tuple or a mapping, with its path of written keys."""
    if isinstance(value, _FOUND):
        yield path, value
        return
    for key, item in _parts(value):
        if isinstance(item, _HOLDING):
            yield from selections(item, (*path, key))


def _parts(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, BaseModel):
        return [(info.alias or name, getattr(value, name)) for name, info in type(value).model_fields.items()]
    if isinstance(value, tuple):
        return enumerate(value)
    return value.items() if isinstance(value, dict) else ()


def event_names(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every event that a model names, with the path at which the full form would write it."""
    for found, selection in selections(value, path):
        for index, name in enumerate(selection.events or ()):
            yield (*found, "events", index), name
