"""How many rows of the range each of a metric's selections takes, counted by kind: a selection is a set of kinds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Kinds, Mask

COUNTS: Mapping[str, type[pl.DataType]] = {"kind": pl.Int64, "rows": pl.Int64}


def kind_counts(bucket: Bucket) -> pl.DataFrame:
    """`COUNTS`: the bucket's rows in `[since, until)` by kind, those of nobody too."""
    parts = [bucket.in_range(rows).kind for rows in (bucket.rows, bucket.anonymous)]
    counted = np.bincount(np.concatenate(parts), minlength=len(bucket.kinds))
    return pl.DataFrame({"kind": np.arange(len(counted)), "rows": counted}, schema=COUNTS)


def rows_by_kind(counts: pl.DataFrame, kinds: Kinds) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """All buckets' counts added up, one number a kind."""
    found = np.zeros(len(kinds), dtype=np.int64)
    np.add.at(found, counts["kind"].to_numpy(), counts["rows"].to_numpy())
    return found


def events_taken(
    selection: Selection, kinds: Kinds, settings: Settings, rows: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> dict[str, int]:
    """Rows that a selection takes by the export's own event names, the most frequent first."""
    return _by_event(kinds.matching(selection, settings), kinds, rows)


def rows_matched(
    selections: tuple[Selection, ...],
    kinds: Kinds,
    settings: Settings,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> int:
    """Rows that any of the selections takes, each once."""
    masks = [kinds.matching(selection, settings) for selection in selections]
    return int(rows[np.logical_or.reduce(masks)].sum()) if masks else 0


def _by_event(mask: Mask, kinds: Kinds, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[str, int]:
    chosen = np.flatnonzero(mask)
    table = pl.DataFrame({"event": [kinds.events[i] for i in chosen], "rows": rows[chosen]}, schema_overrides=_EVENTS)
    totals = table.group_by("event").agg(pl.col("rows").sum()).sort(["rows", "event"], descending=[True, False])
    return dict(zip(totals["event"].to_list(), totals["rows"].to_list(), strict=True))


_EVENTS: Mapping[str, type[pl.DataType]] = {"event": pl.String, "rows": pl.Int64}
