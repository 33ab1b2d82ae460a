"""Findings about ids: whether the customers of the other sources are those of the events."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.checks.events import event_customers, known_customers
from engagement_cli.checks.finding import Finding
from engagement_cli.checks.places import label, show_files
from engagement_cli.sources.export import Exports

HALF = 0.5

# What two systems do to one id, and how to say it.
_DIFFERENCES = {
    "leading zeros are left off": pl.col("customer").str.strip_chars_start("0"),
    "a trailing .0 is left off": pl.col("customer").str.strip_suffix(".0"),
    "upper and lower case are the same": pl.col("customer").str.to_lowercase(),
    "spaces around are left off": pl.col("customer").str.strip_chars(),
}


def joins(exports: Exports, tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """A warning for each source of whose customers under half occur in the events."""
    ids = {
        name: frame.select("customer").drop_nulls().unique()
        for name, frame in tables.items()
        if "customer" in frame.columns and frame["customer"].null_count() < frame.height
    }
    if not ids or "events" not in exports.sources:
        return []
    known = known_customers(exports, pl.concat(ids.values()).unique())
    found = []
    for name, own in ids.items():
        matching = int(own["customer"].is_in(known.implode()).sum())
        if matching >= HALF * own.height:
            continue
        export = exports.sources[name]
        what = f"{matching:,} of {own.height:,} customers of {name} occur in the events ({matching / own.height:.1%})"
        where = f"{show_files(export.files)}, column {label(export, 'customer')}"
        found.append(Finding("warning", "join", what, where, _hint(exports, name, own)))
    return found


def _hint(exports: Exports, name: str, own: pl.DataFrame) -> str:
    events = event_customers(exports).to_frame("customer")
    for words, form in _DIFFERENCES.items():
        theirs = events.select(form).unique()
        matching = own.select(form).unique().join(theirs, on="customer", how="semi").height
        if matching >= HALF * own.height:
            return f"most would match if {words}: export the ids alike, or map an SQL expression"
    mine, known = own["customer"].sort()[0], events["customer"].sort().head(1).to_list()
    example = f" ({name}: {mine!r}, events: {known[0]!r})" if known else ""
    return f"map the column that holds the same ids in both{example}, or add identities"
