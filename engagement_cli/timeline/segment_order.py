"""The order of segments: bands from low to top, ranges from small to large, all others by their text."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.settings.model import Settings
from engagement_cli.settings.table_values import values_in_order
from engagement_cli.timeline.breakdown import MISSING, cut_labels
from engagement_cli.timeline.segments import Segments

Orders = Mapping[str, tuple[str, ...]]


def natural_orders(segments: Segments, settings: Settings) -> dict[str, tuple[str, ...]]:
    """By segment the labels in order, for those whose values have one."""
    found = {
        name: cut_labels(segment.cut) if segment.cut is not None else values_in_order(segment.column, settings)
        for name, segment in segments.items()
    }
    return {name: values for name, values in found.items() if values}


def ranked(segments: list[str], orders: Orders) -> list[str]:
    """Segment texts (`plan=pro;band=low`) in order: everybody first, then part by part, the missing value last."""

    def place(text: str) -> tuple[tuple[str, int, int, str], ...]:
        parts = (part.partition("=") for part in text.split(";") if part)
        return tuple((name, *_place(value, orders.get(name, ()))) for name, _, value in parts)

    return sorted(segments, key=place)


def _place(value: str, order: tuple[str, ...]) -> tuple[int, int, str]:
    if not order:
        return 0, 0, value
    return int(value == MISSING), order.index(value) if value in order else len(order), value


def in_order(table: pl.DataFrame, orders: Orders) -> pl.DataFrame:
    """A view's table with its segments in order; within a segment the rows stay as they are."""
    if not orders or "segments" not in table.columns:
        return table
    texts = ranked([*{*table["segments"].cast(pl.String).to_list()}], orders)
    if len(texts) < 2:
        return table
    ranks = pl.DataFrame({"segments": pl.Series(texts, dtype=pl.String), "_rank": range(len(texts))})
    keyed = table.with_columns(pl.col("segments").cast(pl.String)).join(
        ranks, on="segments", how="left", maintain_order="left"
    )
    return keyed.sort("_rank", maintain_order=True).drop("_rank")
