"""Which events carry what: the columns of a sector's export besides those that every event has."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import Bools
from engagement_cli.samples.carriers import Carrier, Ids
from engagement_cli.samples.sector import Sector

Slot = Literal["detail", "amount", "extra"]
_SLOTS: tuple[Slot, ...] = ("detail", "amount", "extra")


class Carried(Record):
    """A column, where rows hold it, and by code of the vocabulary (256 of them) whether an event has it."""

    column: str
    slot: Slot
    carrier: Carrier
    names: Bools


def carried_columns(sector: Sector) -> dict[str, list[Carried]]:
    """By column, all carriers that fill it; a thing's group is a column of its own."""
    found: dict[tuple[Slot, Carrier], Bools] = {}
    for code, kind in enumerate(sector.kinds):
        for slot in _SLOTS:
            carrier = getattr(kind, slot)
            if carrier is not None:
                found.setdefault((slot, carrier), np.zeros(256, dtype=np.bool_))[code] = True
    columns: dict[str, list[Carried]] = {}
    for (slot, carrier), names in found.items():
        group = carrier.group if isinstance(carrier, Ids) else None
        for column in (carrier.column, *(() if group is None else (group.column,))):
            columns.setdefault(column, []).append(Carried(column, slot, carrier, names))
    return columns
