"""Kinds that several tasks met, as those of the report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.timeline.kinds import Kinds

Codes = tuple[NDArray[np.uint32], ...]


def merge_kinds(parts: Sequence[Kinds], predicates: Sequence[str], texts: Sequence[str]) -> tuple[Kinds, Codes]:
    """All kinds in the order that a whole reading gives them, and for each part the table from its codes to theirs."""
    frames = [_as_frame(part, predicates, texts) for part in parts]
    columns = frames[0].columns if frames else []
    whole = pl.concat(frames).unique().sort(columns, nulls_last=False) if frames else pl.DataFrame()
    codes = whole.with_row_index("code")
    finals = tuple(
        frame.join(codes, on=columns, how="left", nulls_equal=True, maintain_order="left")["code"].to_numpy()
        for frame in frames
    )
    kinds = Kinds(
        events=tuple(whole["event"].to_list()) if frames else (),
        flags={p: whole[f"p{i}"].to_numpy() if frames else np.empty(0, bool) for i, p in enumerate(predicates)},
        texts={t: tuple(whole[f"t{i}"].to_list()) if frames else () for i, t in enumerate(texts)},
        anonymous=whole["anonymous"].to_numpy() if frames else np.empty(0, bool),
    )
    return kinds, finals


def _as_frame(kinds: Kinds, predicates: Sequence[str], texts: Sequence[str]) -> pl.DataFrame:
    """One row a kind, its columns in the order in which kinds are sorted."""
    columns = [pl.Series("event", kinds.events, pl.String)]
    columns += [pl.Series(f"t{i}", kinds.texts[name], pl.String) for i, name in enumerate(texts)]
    columns.append(pl.Series("anonymous", kinds.anonymous))
    columns += [pl.Series(f"p{i}", kinds.flags[sql]) for i, sql in enumerate(predicates)]
    return pl.DataFrame(columns)
