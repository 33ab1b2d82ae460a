"""Many states' parts become whole states."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl

from engagement_cli.timeline.state import MANY, State, StateTable

Name = TypeVar("Name", bound=Hashable)
Parts: TypeAlias = dict[Name, pl.DataFrame]
_OF = "\x1fof"


def merge_states(tables: Mapping[str, StateTable], parts: Sequence[State]) -> State:
    """Whole states from partial ones, table by table."""
    return {name: tables[name].merge([part[name] for part in parts if name in part]) for name in tables}


def merge_all(tables: Mapping[Name, StateTable], parts: Mapping[Name, Sequence[pl.DataFrame]]) -> Parts[Name]:
    """Many states' parts as one each: those of equal columns in one query, for a query costs more than few rows."""
    alike: dict[object, list[Name]] = {}
    for name, table in tables.items():
        alike.setdefault((tuple(table.keys.items()), tuple(table.values.items())), []).append(name)
    found: Parts[Name] = {}
    for names in alike.values():
        few = [name for name in names if sum(part.height for part in parts.get(name, ())) <= MANY]
        found |= {name: tables[name].merge(parts.get(name, ())) for name in names if name not in few}
        found |= _merged_together([tables[name] for name in few], few, parts)
    return {name: found[name] for name in tables}


def _merged_together(
    tables: Sequence[StateTable], names: Sequence[Name], parts: Mapping[Name, Sequence[pl.DataFrame]]
) -> Parts[Name]:
    """States of the same columns, merged with their number among the keys."""
    gathered = [table.gather(parts.get(name, ())) for table, name in zip(tables, names, strict=True)]
    frames = [table.fitting(frame) for table, frame in zip(tables, gathered, strict=True)]
    if not frames:
        return {}
    number = np.repeat(np.arange(len(frames)), [frame.height for frame in frames])
    table = StateTable({_OF: pl.Int64, **tables[0].keys}, tables[0].values)
    whole = table.merge([pl.DataFrame([pl.Series(_OF, number), *pl.concat(frames).get_columns()])])
    ends = np.searchsorted(whole[_OF].to_numpy(), np.arange(len(frames) + 1))
    whole = whole.drop(_OF)
    return {name: whole.slice(int(ends[i]), int(ends[i + 1] - ends[i])) for i, name in enumerate(names)}
