"""Keys of states as numbers that rise as the keys do, and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Integers, same
from engagement_cli.kernels.layout import Layout, bounds, laid_out
from engagement_cli.records import Record
from engagement_cli.timeline.labels import Labels

Key: TypeAlias = "NDArray[np.generic] | pl.Series | Labels | Numbered | int | str"
_KEPT = 4096  # rows


class Numbered(Record):
    """A number a row; texts by their number, where they are texts (None: missing)."""

    numbers: Integers
    texts: tuple[str | None, ...] | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.numbers)


def named(texts: tuple[str | None, ...], numbers: Integers) -> pl.Series:
    """The texts of numbers."""
    if len(texts) == 1 and len(numbers) <= _KEPT:
        return _repeated(texts[0]).slice(0, len(numbers))
    if len(numbers) <= _KEPT:
        return pl.Series([texts[i] for i in numbers.tolist()], dtype=pl.String)
    return pl.Series(texts, dtype=pl.String).gather(numbers)


def numbered(key: Key, rows: int) -> tuple[Integers, tuple[str | None, ...] | None]:
    """A key of so many rows as `Numbered` has it: the numbers, and the texts.

    Raises `ValueError` for other dtypes than texts, integers and booleans, and for missing integers.
    """
    if isinstance(key, Labels):
        return key.codes, key.texts
    if isinstance(key, Numbered):
        return key.numbers, key.texts
    if isinstance(key, str):
        return same(0, rows), (key,)
    if isinstance(key, int):
        return same(key, rows), None
    if isinstance(key, pl.Series):
        if key.dtype == pl.String:
            return _ranked(key)
        if key.null_count() or not (key.dtype.is_integer() or key.dtype == pl.Boolean):
            raise ValueError(f"expected texts or whole numbers as keys of a state, got {key.dtype}")
        key = key.to_numpy()
    if key.dtype.kind not in "iub":
        raise ValueError(f"expected texts or whole numbers as keys of a state, got {key.dtype}")
    return (key.view(np.int8) if key.dtype == np.bool_ else cast("Integers", key)), None


def _ranked(texts: pl.Series) -> tuple[Integers, tuple[str | None, ...]]:
    """Texts by their rank; a missing one comes before all others."""
    distinct = texts.unique().sort()
    if len(distinct) == 1:
        return same(0, len(texts)), (distinct.item(),)
    missing = int(distinct.null_count() > 0)
    ranks = texts.cast(pl.Enum(distinct.drop_nulls())).to_physical().cast(pl.Int64)
    if missing:
        ranks = (ranks + missing).fill_null(0)
    return ranks.to_numpy(), tuple(distinct.to_list())


def layout_of(keys: Sequence[tuple[Integers, tuple[str | None, ...] | None]]) -> Layout:
    """How keys are packed; texts as if all that are known occurred."""
    return laid_out(tuple([bounds(numbers) if texts is None else (0, len(texts) - 1) for numbers, texts in keys]))


@lru_cache(maxsize=16)
def _repeated(text: str | None) -> pl.Series:
    return pl.Series([text] * _KEPT, dtype=pl.String)
