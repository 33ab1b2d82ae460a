"""Keys of states as numbers that rise as the keys do, and back."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Integers
from engagement_cli.records import Record
from engagement_cli.timeline.labels import Labels

Key: TypeAlias = "NDArray[np.generic] | pl.Series | Labels | int | str"
_KEPT = 4096  # rows


class Numbered(Record):
    """A number a row; texts by their number, where they are texts (None: missing)."""

    numbers: Integers
    texts: tuple[str | None, ...] | None = None


def named(texts: tuple[str | None, ...], numbers: Integers) -> pl.Series:
    """The texts of numbers."""
    if len(texts) == 1 and len(numbers) <= _KEPT:
        return _repeated(texts[0]).slice(0, len(numbers))
    if len(numbers) <= _KEPT:
        return pl.Series([texts[i] for i in numbers.tolist()], dtype=pl.String)
    return pl.Series(texts, dtype=pl.String).gather(numbers)


def numbered(key: Key, rows: int) -> Numbered | None:
    """A key of so many rows; None where it has other dtypes than texts, integers and booleans, or missing integers."""
    if isinstance(key, Labels):
        return Numbered(key.codes if len(key.texts) > 1 else _same(0, rows), key.texts)
    if isinstance(key, str):
        return Numbered(_same(0, rows), (key,))
    if isinstance(key, int):
        return Numbered(_same(key, rows))
    if isinstance(key, pl.Series):
        if key.dtype == pl.String:
            return _ranked(key)
        if key.null_count() or not (key.dtype.is_integer() or key.dtype == pl.Boolean):
            return None
        key = key.to_numpy()
    if key.dtype.kind not in "iub":
        return None
    return Numbered(key.view(np.int8) if key.dtype == np.bool_ else cast("Integers", key))


def _ranked(texts: pl.Series) -> Numbered:
    """Texts by their rank; a missing one comes before all others."""
    distinct = texts.unique().sort()
    if len(distinct) == 1:
        return Numbered(_same(0, len(texts)), (distinct.item(),))
    missing = int(distinct.null_count() > 0)
    ranks = texts.cast(pl.Enum(distinct.drop_nulls())).to_physical().cast(pl.Int64)
    if missing:
        ranks = (ranks + missing).fill_null(0)
    return Numbered(ranks.to_numpy(), tuple(distinct.to_list()))


def _same(number: int, rows: int) -> Integers:
    return np.broadcast_to(np.int64(number), (rows,))


@lru_cache(maxsize=16)
def _repeated(text: str | None) -> pl.Series:
    return pl.Series([text] * _KEPT, dtype=pl.String)
