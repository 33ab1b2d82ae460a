"""What the finished customer table says of anybody at all."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from engagement_cli.records import Record


class Said(Record):
    """The table's columns if it has a row, those with a value, and those that somebody fits."""

    columns: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    fitting: frozenset[str] = frozenset()

    @staticmethod
    def of(table: pl.DataFrame) -> Said:
        """What the table of some customers says."""
        if not table.height:
            return Said()
        columns = table.get_columns()
        filled = frozenset(column.name for column in columns if column.null_count() < table.height)
        fitting = frozenset(column.name for column in columns if column.dtype == pl.Boolean and column.any())
        return Said(frozenset(table.columns), filled, fitting)

    @staticmethod
    def of_all(parts: Sequence[Said]) -> Said:
        """What several say together."""
        return Said(
            frozenset().union(*(part.columns for part in parts)),
            frozenset().union(*(part.filled for part in parts)),
            frozenset().union(*(part.fitting for part in parts)),
        )
