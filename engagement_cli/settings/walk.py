"""The selections of events inside a model, found by kind, so that a new metric type needs nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.places import KeyPath
from engagement_cli.settings.values import Selection


def selections(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Selection | Aggregate]]:
    """Every `Selection` and `Aggregate` in a model, a tuple or a mapping, with its path of written keys."""
    if isinstance(value, Selection | Aggregate):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from selections(getattr(value, name), (*path, info.alias or name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from selections(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from selections(item, (*path, key))


def event_names(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every event that a model names, with the path at which the full form would write it."""
    for found, selection in selections(value, path):
        for index, name in enumerate(selection.events or ()):
            yield (*found, "events", index), name
