"""How many rows each of a metric's selections takes.

Events are counted by kind, as a selection is a set of kinds; rows of other sources by the metric that takes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import polars as pl

from engagement_cli.metrics import aggregate, ratio, subscription, survey, themes
from engagement_cli.metrics.parts.amounts import amounts
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Kinds, Mask

COUNTS: Mapping[str, type[pl.DataType]] = {
    "kind": pl.Int64,  # of events; null for rows of other sources
    "metric": pl.String,
    "side": pl.String,  # numerator or denominator, of a ratio
    "source": pl.String,
    "rows": pl.Int64,
}


def row_counts(metrics: Mapping[str, MetricParameters]) -> Callable[[Bucket], pl.DataFrame]:
    """`COUNTS` of a bucket: its events in `[since, until)` by kind, and the rows of other sources by metric."""
    return partial(_counted, metrics)


def _counted(metrics: Mapping[str, MetricParameters], bucket: Bucket) -> pl.DataFrame:
    parts = [_by_kind(bucket)]
    for name, p in metrics.items():
        rows = [{"metric": name, "side": side, "source": at, "rows": n} for side, at, n in _taken(p, bucket)]
        parts.append(pl.DataFrame(rows, schema_overrides=COUNTS) if rows else pl.DataFrame(schema=COUNTS))
    return pl.concat(parts, how="diagonal").select(pl.col(c).cast(dtype) for c, dtype in COUNTS.items())


def _by_kind(bucket: Bucket) -> pl.DataFrame:
    """The bucket's events, those of nobody too."""
    parts = [bucket.in_range(rows).kind for rows in (bucket.rows, bucket.anonymous)]
    counted = np.bincount(np.concatenate(parts), minlength=len(bucket.kinds))
    return pl.DataFrame({"kind": np.arange(len(counted)), "rows": counted})


def _taken(p: MetricParameters, bucket: Bucket) -> Iterator[tuple[str, str, int]]:
    """Side, source and number of the rows that a metric takes of other sources than events."""
    match p:
        case survey.Parameters():
            yield "", "surveys", len(survey.answers_to(p, bucket).period)
        case themes.Parameters():
            yield "", "surveys", themes.comments_in(p, bucket).height
        case subscription.Parameters():
            yield "", "subscriptions", rows_of(bucket, "subscriptions", p.where).height
        case aggregate.Parameters():
            yield from _of_aggregate("", p, None, bucket)
        case ratio.Parameters():
            yield from _of_aggregate("numerator", p.numerator, p.where, bucket)
            yield from _of_aggregate("denominator", p.denominator, p.where, bucket)


def _of_aggregate(side: str, of: Aggregate, where: str | None, bucket: Bucket) -> Iterator[tuple[str, str, int]]:
    if of.source == "events":
        return
    changed = {"count": "rows"} if of.count is not None else {"last": None, "sum": of.last} if of.last else {}
    rows = of.model_copy(update=changed)
    found = amounts(bucket, rows, where, Grain("total"), groupings(bucket, ())[0])
    yield side, of.source, len(found.period)


def rows_by_kind(counts: pl.DataFrame, kinds: Kinds) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """All buckets' counts of events added up, one number a kind."""
    found = np.zeros(len(kinds), dtype=np.int64)
    counts = counts.filter(pl.col("kind").is_not_null())
    np.add.at(found, counts["kind"].to_numpy(), counts["rows"].to_numpy())
    return found


def rows_by_metric(counts: pl.DataFrame, source: str) -> dict[tuple[str, str], int]:
    """All buckets' counts of another source's rows added up, by metric and side."""
    found = counts.filter(pl.col("source") == source).group_by("metric", "side", maintain_order=True)
    return {(str(metric), str(side)): int(part["rows"].sum()) for (metric, side), part in found}


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
    left_out: tuple[Selection, ...] = (),
) -> int:
    """Rows that any of the selections takes, each once, without those that are left out."""
    masks = [kinds.matching(selection, settings) for selection in selections]
    without = [kinds.matching(selection, settings) for selection in left_out]
    if not masks:
        return 0
    taken = np.logical_or.reduce(masks)
    return int(rows[taken & ~np.logical_or.reduce(without) if without else taken].sum())


def _by_event(mask: Mask, kinds: Kinds, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[str, int]:
    chosen = np.flatnonzero(mask)
    table = pl.DataFrame({"event": [kinds.events[i] for i in chosen], "rows": rows[chosen]}, schema_overrides=_EVENTS)
    totals = table.group_by("event").agg(pl.col("rows").sum()).sort(["rows", "event"], descending=[True, False])
    return dict(zip(totals["event"].to_list(), totals["rows"].to_list(), strict=True))


_EVENTS: Mapping[str, type[pl.DataType]] = {"event": pl.String, "rows": pl.Int64}
