"""Customers and texts as hashes of 64 bits."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import polars as pl

from engagement_cli.native.arrow import Rows, filled_rows, in_rows
from engagement_cli.native.hashes import Hashes
from engagement_cli.records import Record
from engagement_cli.timeline.kind_registry import EMPTY

HASH_SEED = 1
Text = TypeVar("Text", pl.Expr, pl.Series)


@cache
def no_text() -> Hashes:
    """The hashes of what is no text, in whatever file: null, the empty text and blanks, as `EMPTY` has them.

    Nothing is hashed while the program is loaded: with its first query Polars starts threads.
    """
    return pl.Series([*EMPTY], dtype=pl.String).hash(HASH_SEED).to_numpy()


class Hashed(Record):
    """The hashes of a column's texts in the `rows` that have one, of so many in `all`."""

    hashes: Hashes
    rows: Rows
    all: int

    @property
    def whole(self) -> Hashes:
        """The hash of every row's text."""
        return in_rows(self.hashes, self.rows, self.all, no_text()[0])


def customer_hash(column: str = "customer") -> pl.Expr:
    """The one function that says which customer a row belongs to, and thereby its bucket; null stays null."""
    return pl.when(pl.col(column).is_not_null()).then(pl.col(column).hash(HASH_SEED))


def text_hash(text: Text) -> Text:
    """The hash of a text, which for a customer's is the `customer_hash`; one of `no_text` where it is null or empty."""
    return text.hash(HASH_SEED)


def hashed(column: pl.Series) -> Hashed:
    """The hashes of a column's cells as texts, where most are null: Polars takes as long for these."""
    texts = column.drop_nulls().cast(pl.String)
    return Hashed(text_hash(texts).to_numpy(), filled_rows(column), len(column))
