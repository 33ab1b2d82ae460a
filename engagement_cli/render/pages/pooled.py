"""Cohorts pooled: Σ retained ÷ Σ eligible over complete cells of one interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.render.marks import small
from engagement_cli.results import View


def _records(totals: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows that totals hold, whichever name they go by."""
    tables = [v.to_dicts() if isinstance(v, pl.DataFrame) else v for v in totals.values()]
    rows = [row for v in tables if isinstance(v, Sequence) and not isinstance(v, str) for row in v]
    return [row for row in rows if isinstance(row, Mapping)]


def pooled(view: View, cells: pl.DataFrame) -> dict[str, Any]:
    """One metric row for metric rows of one interval and one segment.

    The view's own pooled row, with its interval, where `totals` hold one for this interval; else the sum of the
    numerators over the sum of the denominators, without an interval: cohorts that share customers are no sample of n.
    """
    last = cells.row(-1, named=True)
    row = {**last, "cohort_start": None, "ci_low": None, "ci_high": None, "previous": None, "change": None}
    measure = view.measures[0] if view.measures else None
    for record in _records(view.totals) if measure and view.index else []:
        if measure is None or record.get(view.index or "") != last["index"] or measure.column not in record:
            continue
        if str(record.get("segments") or "") == last["segments"]:
            names = {"value": measure.column, "n": measure.n, "numerator": measure.numerator}
            names |= {"denominator": measure.denominator, "ci_low": measure.ci_low, "ci_high": measure.ci_high}
            found = {key: record.get(name or "") for key, name in names.items()}
            return {**row, **found, "flags": ";".join(small(found["n"], found["value"])) or None}
    known = cells.drop_nulls(["numerator", "denominator"])
    numerator, denominator = float(known["numerator"].sum()), float(known["denominator"].sum())
    value = numerator / denominator if denominator else None
    flags = ";".join(small(denominator, value)) or None
    sums = {"numerator": numerator, "denominator": denominator, "n": int(denominator)}
    return {**row, "value": value, **sums, "flags": flags}
