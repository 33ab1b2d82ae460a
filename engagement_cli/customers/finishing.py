"""From the rows of all customers to the finished table, a piece of the customers at a time.

What compares customers with each other is gathered first, in a look at every piece; then each piece is finished.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import polars as pl

from engagement_cli.customers.family import Scene
from engagement_cli.customers.registry import RANKINGS
from engagement_cli.customers.table import Profiling, Said
from engagement_cli.kernels.scale import Distribution
from engagement_cli.records import Record, replace
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.packing import joined, packed


class Finished(Record):
    """What came of the customer table.

    `counted` are the columns that metrics read, packed and in the rows' order, of `schema`; `distinct` says of columns
    how many values they have, null being one; `silent` of those that say nothing of anybody, why; `table` is the whole
    of it where somebody is to see it.
    """

    counted: pl.DataFrame
    schema: pl.Schema
    distinct: Mapping[str, int]
    silent: Mapping[str, str]
    table: pl.DataFrame | None


def finish(profiling: Profiling, rows: Iterable[pl.DataFrame], clock: Clock, distinct: Collection[str]) -> Finished:
    """The table of rows that can be read in pieces, three times over; `distinct` are the columns to count values of.

    Raises `UserError` for a rule that does not fit the table.
    """
    scene, said = _scene(profiling, rows, clock), Said()
    values = {name: np.empty(0, np.uint64) for name in distinct}
    counted: list[pl.DataFrame] = []
    shown: list[pl.DataFrame] = []
    schema = pl.Schema()
    for piece in rows:
        table = profiling.finish(profiling.prepared(piece), scene)
        said.look(table)
        for name, seen in values.items():
            values[name] = np.union1d(seen, table[name].unique().hash().to_numpy())
        read = table.select(HASH, *(name for name in table.columns if name in profiling.counted))
        schema = read.schema
        counted.append(packed(read))
        shown += [table] if profiling.shown else []
    return Finished(
        counted=joined(counted),
        schema=schema,
        distinct={name: len(seen) for name, seen in values.items()},
        silent=profiling.silent(said),
        table=pl.concat(shown, rechunk=True) if shown else None,
    )


def _scene(profiling: Profiling, rows: Iterable[pl.DataFrame], clock: Clock) -> Scene:
    """What finishing may know, with all that is to be known of all customers."""
    scene = profiling.scene(clock)
    for rankings in RANKINGS:
        asked = [ranking for name, ranking in rankings.items() if name in profiling.families]
        gathered = _Gathered()
        for piece in rows if asked else ():
            table = profiling.prepared(piece)
            for ranking in asked:
                gathered.add(ranking.across(table, scene))
        scene = replace(scene, among={**scene.among, **gathered.whole()})
    return scene


class _Gathered:
    """Distributions of several pieces by name; they are joined when they have doubled, so that all of it is linear."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Distribution]] = {}

    def add(self, found: Mapping[str, Distribution]) -> None:
        """Those of one more piece."""
        for name, part in found.items():
            parts = self._parts.setdefault(name, [])
            parts.append(part)
            if sum(len(each.values) for each in parts[1:]) >= len(parts[0].values):
                parts[:] = [Distribution.joined(parts)]

    def whole(self) -> dict[str, Distribution]:
        """Those of all pieces."""
        return {name: Distribution.joined(parts) for name, parts in self._parts.items()}
