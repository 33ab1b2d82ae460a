"""The columns that an aggregate reads of a source other than events: are they there, and their numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.metrics.parts.customer_tables import in_words, names_users_see
from engagement_cli.settings.metric import Aggregate
from engagement_cli.timeline.bucket import CODE, HASH

_SCALE = 1_000_000  # fixed point


def fixed_point(table: pl.DataFrame, source: str, column: str) -> NDArray[np.int64]:
    """A column of numbers as integers of 10⁻⁶."""
    if (source, column) == ("subscriptions", "mrr"):  # the one number that tables hold in fixed point already
        return table[column].cast(pl.Int64).to_numpy()
    return (table[column].cast(pl.Float64) * _SCALE).round().cast(pl.Int64).to_numpy()


def refuse_unknown_columns(table: pl.DataFrame, aggregate: Aggregate, where: str | None) -> None:
    """A column that the source lacks, or text where a number is wanted, is the user's mistake."""
    predicates = [pl.sql_expr(p) for p in (aggregate.where, where) if p is not None]
    columns = filter(None, [aggregate.column, aggregate.of])
    wanted = [*(name for p in predicates for name in p.meta.root_names()), *columns]
    if not wanted:
        return
    source = in_words(aggregate.source)
    known = [name for name in names_users_see(table, aggregate.source) if name not in (HASH, CODE)]
    for name in wanted:
        if name not in known:
            raise UserError(f"no column {name!r} in the {source}", hint=did_you_mean(name, known))
    column = aggregate.column
    if column is None or aggregate.operation == "distinct" or not table.height:
        return
    dtype = table.schema[column]
    if not (dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)):
        raise UserError(
            f"{aggregate.operation} needs numbers, but {column!r} of the {source} holds other values",
            hint=f"count its values with distinct: {column}",
        )
