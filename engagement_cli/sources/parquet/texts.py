"""What is asked of a text, once for all the rows that have it: its hash, and whether predicates hold for it."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.native.hashes import without
from engagement_cli.native.parquet import OtherParquetError, Words
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.predicates import holds, parse_sql
from engagement_cli.timeline.hashing import no_text

_TEXT = pl.String()


class Asked(Protocol):
    """What is asked of texts, whose hashes are known; `nothing` is the answer where there is none, as 64 bits."""

    nothing: int

    def __call__(self, texts: pl.Series, hashes: Words) -> Words:
        """The answer for each text."""


class Hashing:
    """Gives the hashes, and remembers what they stand for. The hash of nobody is 0, if these are customers."""

    def __init__(self, *, customers: bool = False) -> None:
        self._customers = customers
        self._met: list[tuple[Words, pl.Series]] = []
        self.nothing = 0 if customers else int(no_text().view(np.int64)[0])

    def __call__(self, texts: pl.Series, hashes: Words) -> Words:
        """The texts' hashes."""
        if self._customers:
            hashes = without(hashes, no_text())
        self._met.append((hashes, texts))
        return hashes

    def behind(self, hashes: Words) -> pl.DataFrame:
        """Columns `hash`, as given, and `text`: what it stands for, null where that is nothing."""
        parts = [pl.DataFrame({"hash": each, "text": texts}) for each, texts in self._met]
        met = pl.concat([pl.DataFrame(schema={"hash": pl.UInt64, "text": _TEXT}), *parts]).unique("hash")
        return pl.DataFrame({"hash": hashes}).join(met, on="hash", how="left", maintain_order="left")


class Asking:
    """Whether a predicate holds (1), of which a text is all that it sees, under a name.

    Raises `OtherParquetError` for a text that SQL cannot work with.
    """

    def __init__(self, sql: str, name: str) -> None:
        self._seen, self._holds = as_text(pl.col("text"), _TEXT).alias(name), holds(sql).alias("holds")
        self.nothing = int(self._answers(pl.Series([None], dtype=_TEXT))[0])

    def __call__(self, texts: pl.Series, hashes: Words) -> Words:
        """The answer for each text."""
        return self._answers(texts)

    def _answers(self, texts: pl.Series) -> Words:
        asked = pl.LazyFrame({"text": texts}).select(self._seen).select(self._holds.cast(pl.UInt64))
        try:
            return asked.collect()["holds"].to_numpy()
        except PolarsError:  # maybe of a text that no row has
            raise OtherParquetError from None


class Presence:
    """Whether there is a text (1), or whether there is none, which the hashes tell: a query takes milliseconds."""

    def __init__(self, *, there: bool) -> None:
        self._there, self.nothing = there, int(not there)

    def __call__(self, texts: pl.Series, hashes: Words) -> Words:
        """The answer for each text."""
        found: Words = ((without(hashes, no_text()) != 0) == self._there).astype(np.uint64)
        return found


@lru_cache(maxsize=1024)  # asked for each batch anew
def asking(sql: str, name: str) -> Asked:
    """What asks whether a predicate holds, of which a text is all that it sees, under a name."""
    predicate, text = parse_sql(sql), pl.col(name)
    for there, plain in ((True, text.is_not_null()), (False, text.is_null())):
        if predicate.meta.eq(plain):
            return Presence(there=there)
    return Asking(sql, name)
