"""Exports on disk → canonical lazy frames: what other rooms use of this one."""

from __future__ import annotations

from engagement_cli.native.parquet import OtherParquetError
from engagement_cli.sources.badcells import BadCell, first_bad_cells, too_many_bad_cells
from engagement_cli.sources.diagnosis import diagnose
from engagement_cli.sources.events import (
    Wanted,
    cell_column,
    float_column,
    hash_column,
    scan_events,
    ticks_per_second,
)
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.opening import Overrides, open_exports
from engagement_cli.sources.parquet.events import read_batch
from engagement_cli.sources.parquet.plan import PagePlan, page_plan
from engagement_cli.sources.pieces import in_pieces
from engagement_cli.sources.predicates import check_sql, sql_columns
from engagement_cli.sources.rows import as_texts
from engagement_cli.sources.tables import Table, load_table

__all__ = [
    "BadCell",
    "Export",
    "Exports",
    "OtherParquetError",
    "Overrides",
    "PagePlan",
    "Table",
    "Wanted",
    "as_texts",
    "cell_column",
    "check_sql",
    "diagnose",
    "first_bad_cells",
    "float_column",
    "hash_column",
    "in_pieces",
    "load_table",
    "open_exports",
    "page_plan",
    "read_batch",
    "scan_events",
    "sql_columns",
    "ticks_per_second",
    "too_many_bad_cells",
]
