"""What customers prefer: the leading category, channel, weekday and hour of their active events."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import history, spread
from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.runs import first_at_maximum, lengths, starts
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.periods import WEEKDAYS
from engagement_cli.timeline.rows import NO_NUMBER, Rows


def _wanted(settings: Settings) -> dict[str, str]:
    """The event columns of which the leading value is sought, by what they tell."""
    return {"category": settings.profile.category, "channel": settings.profile.channel}


def _texts(settings: Settings, known: Known) -> dict[str, str]:
    """Those of them that there are."""
    return {name: column for name, column in _wanted(settings).items() if column in known.get("events", ())}


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Leading values of all active events to date; of equally frequent ones the first by name, day or hour."""
    said = "of the most active events; of equals the first"
    there = _texts(settings, known)
    lacks = {name: f"no column {column!r} in the events export" for name, column in _wanted(settings).items()}
    found = {
        f"top_{name}": Column(TEXT, None, f"{column} {said}", None if name in there else lacks[name])
        for name, column in _wanted(settings).items()
    }
    return found | {
        "top_weekday": Column(TEXT, None, f"weekday {said} of the week"),
        "top_hour": Column(COUNT, "count", f"hour of the day, 0 to 23, {said}"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events are all it takes."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """Active events with their texts."""
    return Needs(
        optional=(settings.active_selection(),),
        texts=tuple(_texts(settings, known).values()),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Texts and small numbers."""
    active = history(bucket, bucket.settings.active_selection())
    weekday, hour = _local(bucket, active)
    found: dict[str, Values] = {
        "_weekday": _leading(bucket, active.customer, weekday, len(WEEKDAYS)),
        "top_hour": _leading(bucket, active.customer, hour, 24),
    }
    for name, column in _wanted(bucket.settings).items():
        if column in bucket.kinds.texts:
            found[f"top_{name}"] = _leading_text(bucket, active, column)
    return found


def _leading_text(bucket: Bucket, rows: Rows, column: str) -> pl.Series:
    texts = pl.Series(bucket.kinds.texts[column], dtype=pl.String)
    labels = texts.drop_nulls().unique().sort()
    ranks = pl.DataFrame({"text": labels, "rank": np.arange(len(labels), dtype=np.int64)})
    of_kind = pl.DataFrame({"text": texts}).join(ranks, on="text", how="left", maintain_order="left")["rank"]
    code = of_kind.fill_null(-1).to_numpy()[rows.kind]
    there = code >= 0
    best = _leading(bucket, rows.customer[there], code[there], max(len(labels), 1))
    if not len(labels):
        return pl.repeat(None, bucket.customers, dtype=pl.String, eager=True)
    return labels.gather(pl.Series(best).set(pl.Series(best == NO_NUMBER), None))


def _leading(bucket: Bucket, customer: Integers, code: Integers, size: int) -> Int64s:
    """Each customer's most frequent code, of equals the smallest; `NO_NUMBER` without any."""
    cell = np.sort(customer.astype(np.int64) * size + code)
    at = starts(cell)
    cell, count = cell[at], lengths(at, len(cell))
    owner = cell // size
    run = starts(owner)
    return spread(bucket, owner[run], (cell % size)[first_at_maximum(count, run)])


def _local(bucket: Bucket, rows: Rows) -> tuple[Integers, Integers]:
    """Local weekday (0 Monday) and hour of rows."""
    clock = bucket.clock
    seconds = pl.Series("at", rows.time // clock.ticks_per_second * 1_000_000).cast(pl.Datetime("us", "UTC"))
    local = pl.DataFrame([seconds.dt.convert_time_zone(clock.zone_name)])
    at = local["at"].dt
    return at.weekday().cast(pl.Int64).to_numpy() - 1, at.hour().cast(pl.Int64).to_numpy()


def finish(table: Piece, scene: Scene) -> Makers:
    """Weekdays by name."""
    names = pl.Series([day.capitalize() for day in WEEKDAYS])
    return {"top_weekday": lambda: names.gather(table["_weekday"])}
