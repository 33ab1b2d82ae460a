"""What became of a row before anything is measured: one small number a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

USED, UNPARSEABLE, FIRST_EXCLUSION = 0, 1, 2


def fate(broken: Sequence[pl.Expr], exclusions: Iterable[pl.Expr]) -> pl.Expr:
    """UInt8: 1 where any flag of `broken` holds, else 2 + the position of the first exclusion that holds, else 0."""
    flags = [pl.any_horizontal(broken)] if broken else []
    choices = [pl.when(flag).then(pl.lit(UNPARSEABLE, pl.UInt8)) for flag in flags]
    choices += [
        pl.when(flag).then(pl.lit(FIRST_EXCLUSION + position, pl.UInt8)) for position, flag in enumerate(exclusions)
    ]
    return pl.coalesce([*choices, pl.lit(USED, pl.UInt8)])
