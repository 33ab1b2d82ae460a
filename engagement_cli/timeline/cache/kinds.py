"""The kinds of several segments, and of those that tell more apart than is asked, as one list of kinds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.kind_registry import in_order
from engagement_cli.timeline.kinds import Key, Kinds
from engagement_cli.timeline.lot import Codes
from engagement_cli.timeline.needs import Demand


def joined(each: Sequence[Kinds], demand: Demand) -> tuple[Kinds, list[Codes]]:
    """The kinds as the demand tells them apart, and for each list the code of each of its kinds among them."""
    keys = [_keys(kinds, demand) for kinds in each]
    distinct = list({key: None for mine in keys for key in mine})
    kinds, final = in_order(distinct, demand.predicates, demand.texts)
    code = dict(zip(distinct, final.tolist(), strict=True))
    return kinds, [np.array([code[key] for key in mine], dtype=np.uint32) for mine in keys]


def _keys(kinds: Kinds, demand: Demand) -> list[Key]:
    columns = [kinds.events, *(kinds.texts[t] for t in demand.texts), kinds.anonymous.astype(int).tolist()]
    return list(zip(*columns, *(kinds.flags[p].astype(int).tolist() for p in demand.predicates), strict=True))


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
