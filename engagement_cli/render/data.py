"""The data of a document: its rows as one frame, and the frame of JSON around them. Nothing is rounded here."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from io import BytesIO
from pathlib import PurePath
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs

from engagement_cli.render.boards import board_table
from engagement_cli.render.documents import BoardPage, Divisions, Document, Facts, Profile, Report, Rows, ViewPage
from engagement_cli.results import Answer, View


def view_columns(view: View) -> list[str]:
    """The columns of a view that are shown; a breakdown's `segments` lead where the view does not list them itself."""
    columns = list(view.columns)
    if "segments" not in columns and "segments" in view.table.columns and (view.table["segments"] != "").any():
        return ["segments", *columns]
    return columns


def rows(document: Document, *, dates: bool = False) -> pl.DataFrame:
    """The document's rows: metric rows (`ROW_SCHEMA`) of a report, the view's columns, or the table as it is.

    NaN and infinity are null, instants ISO 8601 text (days too, unless the format has `dates`), durations seconds.
    """
    match document:
        case Report(answer=answer):
            return plain(answer.rows())
        case ViewPage(finished=finished):
            return plain(finished.view.table.select(view_columns(finished.view)))
        case BoardPage():
            return plain(board_table(document))
        case Rows(table=table) | Facts(table=table):
            return plain(table, dates=dates)
        case Profile(customer=customer, row=row):
            return plain(pl.DataFrame([{"customer": customer, **row}]), dates=dates)
        case Divisions(answer=answer):
            return plain(_divisions(answer))


def plain(table: pl.DataFrame, *, dates: bool = False) -> pl.DataFrame:
    """The table with only what every format can hold; with `dates`, a format that has days as such."""
    floats = cs.float()
    texts = cs.time() if dates else cs.date() | cs.time()
    seconds = "%Y-%m-%dT%H:%M:%S%.f"  # a fraction only where there is one
    return table.with_columns(
        pl.when(floats.is_finite()).then(floats),
        cs.datetime(time_zone=None).dt.to_string(seconds),
        cs.datetime(time_zone="*").dt.to_string(f"{seconds}%:z"),
        texts.dt.to_string("iso"),
        cs.duration().dt.total_microseconds() / 1e6,
        cs.categorical().cast(pl.String),
        cs.enum().cast(pl.String),
        cs.decimal().cast(pl.Float64),
    )


def envelope(document: Document) -> dict[str, Any]:
    """The document as JSON shows it, in order, its rows being a frame."""
    match document:
        case Report(answer=answer):
            return {**_dates(answer), "metrics": rows(document), **_account(answer)}
        case ViewPage(name=name, parameters=parameters, finished=finished, answer=answer):
            body = {"view": name, "parameters": parameters, "rows": rows(document)}
            totals = {"totals": finished.view.totals} if finished.view.totals else {}
            return {**_dates(answer), **body, **_account(answer), **totals}
        case BoardPage(name=name, parameters=parameters, answer=answer, findings=findings):
            body = {"view": name, "parameters": parameters, "rows": rows(document)}
            return {**_dates(answer), **body, **_account(answer), **({"findings": list(findings)} if findings else {})}
        case Profile(customer=customer, answer=answer):
            parameters = {"customer": customer}
            body = {"view": "customer", "parameters": parameters, "rows": rows(document)}
            lately = [{"time": time, "event": event} for time, event in document.recent]
            return {**_dates(answer), **body, "events_by_week": document.weeks, "latest": lately, **_account(answer)}
        case Divisions(answer=answer, parameters=parameters):
            body = {"view": "segments", "parameters": parameters, "rows": rows(document)}
            return {**_dates(answer), **body, **_account(answer)}
        case (
            Rows(name=name, parameters=parameters, answer=rows_answer)
            | Facts(name=name, parameters=parameters, answer=rows_answer)
        ):
            body = {**({"view": name, "parameters": parameters} if name else {}), "rows": rows(document)}
            return {**_dates(rows_answer), **body, **_account(rows_answer)} if rows_answer else body


def _divisions(answer: Answer) -> pl.DataFrame:
    """One row a metric, segment and value."""
    columns = ["metric", "segments", "value", "customers", "share", "ci_low", "ci_high", "n"]
    return pl.concat(
        [m.view.table.select(pl.lit(m.name).alias("metric"), *(pl.col(c) for c in columns[1:])) for m in answer.metrics]
    )


def _dates(answer: Answer) -> dict[str, Any]:
    return {"as_of": answer.as_of, "through": answer.through}


def _account(answer: Answer) -> dict[str, Any]:
    return {"waterfall": answer.waterfall(), "warnings": list(answer.warnings)}


def json_value(value: Any) -> Any:
    """A value of parameters or totals as JSON has it: NaN and infinity null, instants ISO 8601, durations seconds.

    Raises TypeError for what has no JSON form.
    """
    match value:
        case Enum():
            return json_value(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case np.generic():
            return json_value(value.item())
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case PurePath():
            return str(value)
        case pl.DataFrame():
            return json_value(plain(value).to_dicts())
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}
        case list() | tuple() | pl.Series() | np.ndarray():
            return [json_value(item) for item in value]
        case set() | frozenset():
            return sorted(json_value(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_lines(table: pl.DataFrame) -> str:
    """One JSON object a row, a line each; floats in their shortest form that reads back the same."""
    buffer = BytesIO()
    table.write_ndjson(buffer)
    return buffer.getvalue().decode()


def json_text(value: Any) -> str:
    """A value on one line of JSON, or, for a frame, its rows on a line each."""
    if isinstance(value, pl.DataFrame):
        lines = json_lines(value).rstrip("\n")
        joined = lines.replace("\n", ",\n")
        return f"[\n{joined}\n]" if lines else "[]"
    return json.dumps(json_value(value), ensure_ascii=False, allow_nan=False)
