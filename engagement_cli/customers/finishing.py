"""From the rows of all customers to the finished table, a few pieces of the customers at a time.

What compares customers with each other is gathered first, in a look at every piece; then each piece is finished.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.customers.family import Ranking, Scene
from engagement_cli.customers.piece import Piece
from engagement_cli.customers.registry import RANKINGS
from engagement_cli.customers.said import Said
from engagement_cli.customers.table import Profiling
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


class _Part(Record):
    """What came of one piece: as `Finished`, and of columns the hashes of their values."""

    counted: pl.DataFrame
    schema: pl.Schema
    values: Mapping[str, NDArray[np.uint64]]
    said: Said
    table: pl.DataFrame | None


def finish(
    profiling: Profiling, pieces: Iterable[Piece], clock: Clock, distinct: Collection[str], threads: int
) -> Finished:
    """The table of pieces, which are looked at three times; `distinct` are the columns to count values of.

    Raises `UserError` for a rule that does not fit the table.
    """
    with ThreadPoolExecutor(threads) as pool:
        scene = _scene(profiling, pieces, clock, pool)
        parts = [*pool.map(lambda piece: _finished(profiling, profiling.whole(piece, scene), distinct), pieces)]
    values = {name: np.unique(np.concatenate([part.values[name] for part in parts])) for name in distinct}
    shown = [part.table for part in parts if part.table is not None]
    return Finished(
        counted=_in_order(joined([part.counted for part in parts])),
        schema=parts[0].schema,
        distinct={name: len(seen) for name, seen in values.items()},
        silent=profiling.silent(Said.of_all([part.said for part in parts])),
        table=pl.concat(shown, rechunk=True) if shown else None,
    )


def _finished(profiling: Profiling, piece: Piece, distinct: Collection[str]) -> _Part:
    table = profiling.finish(piece)
    piece.forget()
    read = table.select(HASH, *(name for name in table.columns if name in profiling.counted))
    return _Part(
        counted=packed(read),
        schema=read.schema,
        values={name: table[name].unique().hash().to_numpy() for name in distinct},
        said=Said.of(table),
        table=table if profiling.shown else None,
    )


def _in_order(table: pl.DataFrame) -> pl.DataFrame:
    """The same, with a mark where hashes rise, as they do where buckets come in their order: nobody sorts it again."""
    return table.with_columns(table[HASH].set_sorted()) if table[HASH].is_sorted() else table


def _scene(profiling: Profiling, pieces: Iterable[Piece], clock: Clock, pool: ThreadPoolExecutor) -> Scene:
    """What finishing may know, with all that is to be known of all customers."""
    scene = profiling.scene(clock)
    for rankings in RANKINGS:
        asked = [ranking for name, ranking in rankings.items() if name in profiling.families]
        gathered = _Gathered()
        for found in pool.map(partial(_across, profiling, asked, scene), pieces if asked else ()):
            gathered.add(found)
        scene = replace(scene, among={**scene.among, **gathered.whole()})
    return scene


def _across(profiling: Profiling, asked: Iterable[Ranking], scene: Scene, piece: Piece) -> dict[str, Distribution]:
    whole = profiling.whole(piece, scene)
    gathered = {name: found for ranking in asked for name, found in ranking.across(whole, scene).items()}
    whole.forget()
    return gathered


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
