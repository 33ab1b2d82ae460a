"""A table of a state in few bytes: distinct packed keys that rise, texts by code, and whole numbers beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import is_

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s, Integers, Whole, narrowest
from engagement_cli.kernels.layout import Layout, Packed
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.records import Record, replace
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.numbering import Key, Numbered, named

Texts = tuple[str | None, ...]  # distinct and sorted, a missing one first
Schema = Mapping[str, pl.DataType | type[pl.DataType]]


class Cells(Record):
    """Columns are those of `schema`, first the keys; `texts` are those of the keys that are texts, and else None."""

    schema: Schema
    texts: tuple[Texts | None, ...]
    layout: Layout
    packed: Packed
    values: tuple[Whole, ...]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.packed)

    def numbers(self, name: str) -> Integers:
        """A key as numbers (of texts: their places among these), or a value that fits int64."""
        which = [*self.schema].index(name)
        if which < len(self.texts):
            return self.layout.key(self.packed, which)
        return self.values[which - len(self.texts)].astype(np.int64)

    def whole(self, name: str) -> Int64s:
        """A key or a value that fits int64 as that."""
        return self.numbers(name).astype(np.int64, copy=False)

    def value(self, name: str) -> Whole:
        """A value."""
        return self.values[[*self.schema].index(name) - len(self.texts)]

    def runs(self, keys: int) -> Int64s:
        """The first row of each run of rows that agree in the first so many keys."""
        return starts(*self.layout.leading(self.packed, keys).T)

    def labels(self, name: str) -> Labels:
        """A key of texts, none of them missing."""
        texts = self.texts[[*self.schema].index(name)] or ()
        return Labels(self.whole(name), tuple(map(str, texts)))

    def counted(self, keys: Sequence[str], name: str) -> Mapping[str, Key]:
        """The distinct first keys, and under a name how many rows have each."""
        at = self.runs(len(keys))
        return {**self.take(at).keys(*keys), name: lengths(at, len(self))}

    def keys(self, *names: str) -> Mapping[str, Numbered]:
        """Some keys, as columns of which a state can be made."""
        of_texts = dict(zip(self.schema, self.texts, strict=False))
        return {name: Numbered(self.numbers(name), of_texts[name]) for name in names}

    def take(self, rows: Int64s | slice) -> Cells:
        """Some rows, in rising order."""
        # A row of several words is gathered five times as fast by `take`.
        packed = self.packed[rows] if isinstance(rows, slice) else self.packed.take(rows, axis=0)
        return replace(self, packed=packed, values=tuple(value[rows] for value in self.values))

    def frame(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows, or some columns of them, in the dtypes of the schema."""
        wanted = set(self.schema if columns is None else columns)
        found = [self._column(i, name) for i, name in enumerate(self.schema) if name in wanted]
        return pl.DataFrame(found)

    def narrowed(self) -> Cells:
        """The same with values in as few bytes as hold them."""
        values = tuple(map(_narrowed, self.values))
        # What is narrow stays the same object: parts that metrics have in common are merged once.
        return self if all(map(is_, values, self.values)) else replace(self, values=values)

    def laid_out(self, layout: Layout, texts: tuple[Texts | None, ...]) -> Cells:
        """The same under another layout and other texts, which hold the keys."""
        if layout.ranges == self.layout.ranges and texts == self.texts:
            return self
        keys = [self.layout.key(self.packed, which) for which in range(len(texts))]
        for which, (old, new) in enumerate(zip(self.texts, texts, strict=True)):
            if old is not None and new is not None and old != new:
                place = {text: i for i, text in enumerate(new)}
                keys[which] = np.array([place[text] for text in old], np.int64)[keys[which]]
        return replace(self, texts=texts, layout=layout, packed=layout.packed(keys, len(self)))

    def _column(self, which: int, name: str) -> pl.Series:
        dtype = self.schema[name]
        if which >= len(self.texts):
            return _wide(self.values[which - len(self.texts)], dtype).alias(name)
        numbers, texts = self.layout.key(self.packed, which), self.texts[which]
        return (pl.Series(numbers).cast(dtype) if texts is None else named(texts, numbers)).alias(name)


def _wide(value: Whole, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    if value.dtype == object:
        return pl.Series(value.tolist(), dtype=dtype)
    return pl.Series(value).cast(dtype)


def _narrowed(value: Whole) -> Whole:
    return value.astype(narrowest(int(value.min()), int(value.max())), copy=False) if len(value) else value
