"""A row's kind: the one small code for its event name, the predicates it matches and the properties that segment it.

There are few kinds and many rows, so whatever depends only on a row's kind (is it in this selection? what does it
weigh? which channel is it?) is worked out once a kind and gathered by code. Codes follow the sorted order of what they
stand for, never the order in which threads met them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection

T = TypeVar("T")
Mask = NDArray[np.bool_]
Key = tuple[str | int | None, ...]


class Kinds(Record):
    """The kinds of a report's rows, one entry a kind in every array; `flags` by SQL predicate, `texts` by column."""

    events: tuple[str, ...]
    flags: dict[str, Mask]
    texts: dict[str, tuple[str | None, ...]]
    anonymous: Mask

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self.events)

    def named(self, names: set[str]) -> Mask:
        """Which kinds have one of these raw event names."""
        mask = np.zeros(len(self), dtype=bool)
        for name in names:
            mask[self._of_event.get(name, [])] = True
        return mask

    @cached_property
    def _of_event(self) -> dict[str, list[int]]:
        codes: dict[str, list[int]] = {}
        for code, event in enumerate(self.events):
            codes.setdefault(event, []).append(code)
        return codes

    def entry(self, name: str, settings: Settings) -> Mask:
        """Which kinds are the configured event `name`: by its predicate where it has one, else by its name."""
        configured = settings.events.get(name)
        if configured is not None and configured.where is not None:
            return self.flags[configured.where]
        return self.named({name})

    def matching(self, selection: Selection, settings: Settings) -> Mask:
        """Which kinds a selection takes; read-only, as all buckets share it."""
        return self.shared(settings, selection, lambda: self._match(selection, settings))

    def shared(self, settings: Settings, key: object, make: Callable[[], T]) -> T:
        """What follows from the kinds and the settings alone and every bucket uses, computed once a report."""
        known = self._shared.get(key)
        if known is None or known[0] is not settings:
            known = self._shared[key] = settings, make()
        return cast(T, known[1])

    @cached_property
    def _shared(self) -> dict[object, tuple[Settings, object]]:
        return {}

    def _match(self, selection: Selection, settings: Settings) -> Mask:
        mask = np.ones(len(self), dtype=bool)
        if selection.events is not None:
            mask = np.zeros(len(self), dtype=bool)
            for name in selection.events:
                mask |= self.active(settings) if name == "active" else self.entry(name, settings)
        if selection.where is not None:
            mask = mask & self.flags[selection.where]
        mask.flags.writeable = False
        return mask

    def active(self, settings: Settings) -> Mask:
        """Which kinds count as being active: those configured, else those of weight above zero."""
        if settings.active is not None:
            return self.matching(settings.active, settings)
        total, known = np.zeros(len(self)), np.zeros(len(self), dtype=bool)
        for name, event in settings.events.items():
            mine = self.entry(name, settings)
            total += mine * event.weight
            known |= mine
        return np.asarray(np.where(known, total, settings.score.default_weight) > 0)
