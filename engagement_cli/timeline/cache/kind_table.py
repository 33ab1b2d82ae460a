"""Kinds as a table, and back."""

from __future__ import annotations

import polars as pl

from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Demand


def to_table(kinds: Kinds) -> pl.DataFrame:
    """A row a kind."""
    columns = {"event": pl.Series(kinds.events, dtype=pl.String), "anonymous": pl.Series(kinds.anonymous)}
    columns |= {f"t{i}": pl.Series(kinds.texts[t], dtype=pl.String) for i, t in enumerate(kinds.texts)}
    return pl.DataFrame(columns | {f"p{i}": pl.Series(kinds.flags[p]) for i, p in enumerate(kinds.flags)})


def from_table(table: pl.DataFrame, demand: Demand) -> Kinds:
    """Kinds of a demand. Raises `DamagedError` where the table has not its columns."""
    try:
        return Kinds(
            events=tuple(table["event"].to_list()),
            flags={p: table[f"p{i}"].to_numpy() for i, p in enumerate(demand.predicates)},
            texts={t: tuple(table[f"t{i}"].to_list()) for i, t in enumerate(demand.texts)},
            anonymous=table["anonymous"].to_numpy(),
        )
    except pl.exceptions.PolarsError as error:
        raise DamagedError("the kinds cannot be read") from error
