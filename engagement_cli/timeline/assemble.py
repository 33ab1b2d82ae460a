"""From a part to its bucket: everyone whom any source knows, and the sources' rows beside the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from engagement_cli.timeline.bucket import CODE, HASH, Bucket, Rows
from engagement_cli.timeline.build import Built, Frame
from engagement_cli.timeline.cache.lot import Codes, Hashes
from engagement_cli.timeline.cache.part import Part


def assemble(frame: Frame, part: Part, tables: Mapping[str, pl.DataFrame], ids: pl.DataFrame | None) -> Built:
    """The bucket of a part and of its share of the other sources (with a `HASH` column)."""
    hashes = _everyone(frame, part, tables)
    places = None if len(hashes) == len(part.hashes) else np.searchsorted(hashes, part.hashes).astype(np.uint32)
    rows, nobody = _of(part.rows.known.rows, places), part.rows.nobody.rows
    codes = pl.DataFrame({HASH: hashes, CODE: np.arange(len(hashes), dtype=np.uint32)})
    bucket = Bucket(
        clock=frame.clock,
        settings=frame.settings,
        kinds=frame.kinds,
        segments=frame.segments,
        hashes=hashes,
        rows=rows,
        anonymous=nobody,
        valued=rows if part.valued is None else _of(part.valued.known.rows, places),
        anonymous_valued=nobody if part.valued is None else part.valued.nobody.rows,
        tables={
            name: table.join(codes, on=HASH, how="left", maintain_order="left") if HASH in table.columns else table
            for name, table in tables.items()
        },
        selections=frame.selections,
        ids=None if ids is None else codes.join(ids, on=HASH, how="left", maintain_order="left")["id"],
    )
    anonymous = len(bucket.in_range(nobody))
    inside = len(bucket.in_range(rows)) + anonymous
    return Built(bucket, part.duplicates, len(part.rows) - inside, anonymous, inside)


def _everyone(frame: Frame, part: Part, tables: Mapping[str, pl.DataFrame]) -> Hashes:
    """The sorted hashes of everyone known from any source."""
    counted = [t for name, t in tables.items() if HASH in t.columns and name not in frame.uncounted]
    others = [table[HASH].drop_nulls().to_numpy() for table in counted]
    return np.unique(np.concatenate([part.hashes, *others])) if others else part.hashes


def _of(rows: Rows, places: Codes | None) -> Rows:
    return rows if places is None else replace(rows, customer=places[rows.customer])
