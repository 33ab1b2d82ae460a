"""Aliases: several ids that are one customer, resolved before anything is counted."""

from __future__ import annotations

import polars as pl

from engagement_cli.errors import input_error
from engagement_cli.sources.export import Export
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.rows import cell_frame

_LONGEST_CHAIN = 64  # doublings: chains of 2^64


def read_aliases(export: Export) -> pl.DataFrame:
    """Columns `alias` and `customer`, one row an alias, chains a → b → c resolved to c.

    Raises `UserError` where an alias stands for two customers, or aliases run in a circle.
    """
    where = ", ".join(str(file) for file in export.files[:3])
    cells = cell_frame(export, ("alias", "customer"))
    pairs = (
        cells.select(as_text(pl.col(n), export.cell_types[n]).alias(n) for n in ("alias", "customer"))
        .drop_nulls()
        .filter(pl.col("alias") != pl.col("customer"))
        .unique()
        .sort("alias", "customer")
        .collect()
    )
    twice = pairs.filter(pl.col("alias").is_duplicated())
    if not twice.is_empty():
        alias, one, other = twice[0, "alias"], twice[0, "customer"], twice[1, "customer"]
        raise input_error(
            f"alias {alias!r} stands for two customers, {one!r} and {other!r}",
            where=where,
            hint="an alias belongs to one customer; remove one of the rows",
        )
    return _resolve(pairs, where)


def _resolve(pairs: pl.DataFrame, where: str) -> pl.DataFrame:
    """Follow every alias to its end by doubling the steps; what never ends runs in a circle."""
    for _ in range(_LONGEST_CHAIN):
        further = pairs.join(pairs.rename({"alias": "customer", "customer": "end"}), on="customer", how="left")
        if further["end"].null_count() == further.height:
            return pairs
        ended = further.select("alias", customer=pl.coalesce("end", "customer"))
        circle = ended.filter(pl.col("alias") == pl.col("customer"))
        if not circle.is_empty():
            raise input_error(
                f"the aliases of {circle[0, 'alias']!r} run in a circle",
                where=where,
                hint="an alias points to a customer, who is nobody's alias",
            )
        pairs = ended
    raise input_error("the aliases run in a circle", where=where, hint="an alias points to a customer")


def apply_aliases(frame: pl.LazyFrame, aliases: pl.DataFrame | None, column: str = "customer") -> pl.LazyFrame:
    """The frame with aliases in `column` replaced by their customers; the order of rows may change."""
    if aliases is None or aliases.is_empty():
        return frame
    known = aliases.lazy().select(pl.col("alias").alias(column), pl.col("customer").alias("\x1fresolved"))
    return (
        frame.join(known, on=column, how="left")
        .with_columns(pl.coalesce("\x1fresolved", column).alias(column))
        .drop("\x1fresolved")
    )
