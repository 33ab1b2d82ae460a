"""The selections of a report, numbered, and what bits they give a row of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.kinds import Kinds

BITS = 64


class Selected(Record):
    """The place of each selection; bit i % 64 of one of the words `bits[i // 64]`, which are one a kind, is that of
    place i."""

    places: Mapping[Selection, int]
    bits: tuple[NDArray[np.uint64], ...]


NOTHING = Selected({}, ())


def selected(selections: Iterable[Selection], kinds: Kinds, settings: Settings) -> Selected:
    """Selections, in a fixed order."""
    ordered = sorted(set(selections), key=lambda each: (str(each), repr(each)))
    masks = [kinds.matching(each, settings).astype(np.uint64) for each in ordered]
    bits = tuple(_word(masks[first : first + BITS]) for first in range(0, len(masks), BITS))
    return Selected({each: i for i, each in enumerate(ordered)}, bits)


def _word(masks: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    return np.asarray(np.bitwise_or.reduce([mask << np.uint64(i) for i, mask in enumerate(masks)]), np.uint64)
