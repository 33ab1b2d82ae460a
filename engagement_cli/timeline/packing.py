"""Columns in as few bytes as hold them: counts in one or two, repeated texts as codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
import polars as pl

_SIGNED = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
_WIDE = (pl.Int32, pl.Int64, pl.Int128)
_FEW = 250  # different texts that are worth codes
_SEEN = 1000  # values that mostly tell whether they are few


def packed(frame: pl.DataFrame) -> pl.DataFrame:
    """The same values in narrower dtypes; `unpacked` with the frame's own schema gives it back."""
    return pl.DataFrame([packed_column(column) for column in frame.iter_columns()])


def packed_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The same with repeated texts as codes, and all else as it is."""
    return pl.DataFrame([_coded(column) for column in frame.iter_columns()])


def unpacked(frame: pl.DataFrame, schema: pl.Schema, coded: Collection[str] = ()) -> pl.DataFrame:
    """What `packed` was given, but for repeated texts of some columns, which stay codes."""
    return pl.DataFrame(
        [
            column if isinstance(column.dtype, pl.Enum) and column.name in coded else column.cast(schema[column.name])
            for column in frame.iter_columns()
        ]
    )


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Packed frames of one schema, one behind the other, packed as all of them can be."""
    return pl.DataFrame([_joined([frame[name] for frame in frames]) for name in frames[0].columns])


def packed_column(column: pl.Series) -> pl.Series:
    """A column as `packed` has it."""
    return _narrowed(column) if column.dtype in _WIDE else _coded(column)


def _coded(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String or column.head(_SEEN).n_unique() > _FEW:
        return column
    if len(column) and not column.has_nulls() and (column == column[0]).all():
        return column.head(1).cast(pl.Enum(column.head(1))).new_from_index(0, len(column))
    texts = column.unique().drop_nulls().sort()  # so that codes are in the order of the texts
    return column.cast(pl.Enum(texts)) if len(texts) <= _FEW else column


def _narrowed(column: pl.Series) -> pl.Series:
    low, high = column.min(), column.max()
    if not isinstance(low, int) or not isinstance(high, int):  # no values
        return column.cast(pl.Int8)
    for dtype in _SIGNED:
        bounds = np.iinfo(dtype.__name__.lower())
        if bounds.min <= low and high <= bounds.max:
            return column.cast(dtype)
    return column


def _joined(parts: Sequence[pl.Series]) -> pl.Series:
    dtypes = [part.dtype for part in parts]
    if all(one == other for one, other in pairwise(dtypes)):
        return pl.concat(parts, rechunk=True)
    if all(isinstance(dtype, pl.Enum) for dtype in dtypes):
        texts = pl.concat([dtype.categories for dtype in dtypes if isinstance(dtype, pl.Enum)])
        common: pl.DataType = pl.Enum(texts.unique().sort())
    elif any(isinstance(dtype, pl.Enum) for dtype in dtypes):
        common = pl.String()
    else:
        common = max(dtypes, key=lambda dtype: int(str(dtype).removeprefix("Int")))
    return pl.concat([part.cast(common) for part in parts], rechunk=True)
