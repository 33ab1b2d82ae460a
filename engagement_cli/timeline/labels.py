"""Texts of few kinds on many rows: a code a row and the distinct texts, without a text a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import same as same_number
from engagement_cli.records import Record


class Labels(Record):
    """One text a row: `texts[codes[row]]`. The texts are distinct and sorted; some may occur on no row."""

    codes: NDArray[np.int64]
    texts: tuple[str, ...]

    @staticmethod
    def same(text: str, rows: int) -> Labels:
        """One text on all rows."""
        return Labels(same_number(0, rows), (text,))

    @staticmethod
    def of(codes: NDArray[np.int64], texts: Sequence[str]) -> Labels:
        """Labels of texts in any order, of which two may be alike."""
        distinct = tuple(sorted(set(texts)))
        rank = {text: i for i, text in enumerate(distinct)}
        return Labels(np.array([rank[text] for text in texts], dtype=np.int64)[codes], distinct)

    @staticmethod
    def joined(parts: Sequence[Labels]) -> Labels:
        """Labels end to end."""
        texts = parts[0].texts
        if any(part.texts != texts for part in parts):
            texts = tuple(sorted({text for part in parts for text in part.texts}))
        rank = {text: i for i, text in enumerate(texts)}
        codes = [
            part.codes if part.texts == texts else np.array([rank[text] for text in part.texts], np.int64)[part.codes]
            for part in parts
        ]
        return Labels(np.concatenate(codes), texts)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    def take(self, which: NDArray[np.bool_] | NDArray[np.integer[Any]]) -> Labels:
        """The labels of some rows."""
        return Labels(self.codes[which], self.texts)

    def series(self) -> pl.Series:
        """The texts as a column."""
        return pl.Series("segments", self.texts, dtype=pl.String).gather(pl.Series(self.codes))

    def enum(self) -> pl.Series:
        """The texts as an Enum column, which Polars groups and joins by number."""
        return pl.Series("segments", self.codes.astype(np.uint32)).cat.to(pl.Enum(self.texts))
