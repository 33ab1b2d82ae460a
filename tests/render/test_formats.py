from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from render import answers

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.render import formats
from engagement_cli.render.data import json_value
from engagement_cli.render.documents import Document, Report, Rows, ViewPage
from engagement_cli.render.formats import FORMATS, choose_format
from engagement_cli.render.layout import Layout
from engagement_cli.results import ROW_SCHEMA, Answer


def rendered(document: Document, name: str) -> bytes:
    buffer = BytesIO()
    FORMATS[name](document, buffer, Layout())
    return buffer.getvalue()


def as_json(document: Document) -> Any:
    def refuse(text: str) -> None:
        raise AssertionError(f"{text} in JSON")

    return json.loads(rendered(document, "json"), parse_constant=refuse)


ODD = pl.DataFrame(
    {
        "float": [1.5, math.nan, math.inf],
        "text": ['a,"b"\nc|d', "", None],
        "at": [datetime(2025, 1, 1, 12, tzinfo=UTC)] * 3,
        "day": [date(2025, 1, 1)] * 3,
        "took": [timedelta(minutes=1.5)] * 3,
        "list": [["x", "y"], [], None],
        "kind": pl.Series(["k", "k", None], dtype=pl.Categorical),
    }
)


def test_the_registry_and_the_folder_agree() -> None:
    folder = Path(formats.__file__).parent
    assert {file.stem for file in folder.glob("*.py")} - {"__init__"} == set(FORMATS)


def test_a_report_has_the_documented_members_and_columns() -> None:
    report = as_json(Report(answers.report()))
    assert list(report) == ["as_of", "through", "metrics", "waterfall", "warnings"]
    assert all(list(row) == list(ROW_SCHEMA) for row in report["metrics"])
    assert report["waterfall"]["sources"]["surveys"]["used"] == 500


def test_a_view_has_the_documented_members_and_columns() -> None:
    view = answers.retention()
    page = as_json(
        ViewPage("retention", {"window": timedelta(days=14), "steps": ("a", "b")}, view, answers.answer([view]))
    )
    members = ["as_of", "through", "view", "parameters", "rows", "waterfall", "warnings", "totals"]
    assert list(page) == members
    assert page["parameters"] == {"window": 1209600.0, "steps": ["a", "b"]}
    assert all(list(row) == list(view.view.columns) for row in page["rows"])


def test_a_view_without_totals_has_no_such_member() -> None:
    view = answers.lifecycle()
    assert "totals" not in as_json(ViewPage("lifecycle", {}, view, answers.answer([view])))


def test_a_breakdown_shows_its_segments_even_where_the_view_does_not_list_them() -> None:
    view = answers.lifecycle()
    table = view.view.table.with_columns(segments=pl.lit("plan=pro"))
    broken = type(view)(**{**vars(view), "view": type(view.view)(**{**vars(view.view), "table": table})})
    page = as_json(ViewPage("lifecycle", {}, broken, answers.answer([broken])))
    assert next(iter(page["rows"][0])) == "segments"


def test_an_empty_answer_is_a_valid_document_in_every_format() -> None:
    empty = Report(Answer(None, None, [], [], []))
    assert as_json(empty) == {"as_of": None, "through": None, "metrics": [], "waterfall": {}, "warnings": []}
    assert rendered(empty, "ndjson") == b""
    assert rendered(empty, "csv").decode() == ",".join(ROW_SCHEMA) + "\n"
    assert pl.read_parquet(rendered(empty, "parquet")).schema == ROW_SCHEMA
    assert "No metrics to show." in rendered(empty, "table").decode()
    assert "No metrics to show." in rendered(empty, "md").decode()


def test_odd_values_are_null_or_iso_text_in_json() -> None:
    first, second, third = as_json(Rows("odd", ODD))["rows"]
    assert first["float"] == 1.5
    assert second["float"] is None and third["float"] is None
    assert (first["at"], first["day"], first["took"]) == ("2025-01-01T12:00:00+00:00", "2025-01-01", 90.0)
    assert (first["list"], second["text"], third["text"]) == (["x", "y"], "", None)


def test_csv_holds_the_same_rows() -> None:
    table = list(csv.DictReader(io.StringIO(rendered(Rows("odd", ODD), "csv").decode())))
    assert [row["float"] for row in table] == ["1.5", "", ""]
    assert table[0]["text"] == 'a,"b"\nc|d'
    assert table[0]["list"] == "x;y"


def test_parquet_has_days_as_days() -> None:
    table = pl.read_parquet(rendered(Rows("odd", ODD), "parquet"))
    assert table["day"][0] == date(2025, 1, 1)
    assert table["at"][0] == "2025-01-01T12:00:00+00:00"


def test_floats_come_back_exactly() -> None:
    values = [0.1 + 0.2, 1e-300, 123456789.123456789, 1e22, -0.0, 5e-324]
    table = Rows("floats", pl.DataFrame({"x": values}))
    assert [row["x"] for row in as_json(table)["rows"]] == values
    assert [float(line) for line in rendered(table, "csv").decode().split()[1:]] == values
    assert pl.read_parquet(rendered(table, "parquet"))["x"].to_list() == values


def test_ndjson_is_the_rows_of_json() -> None:
    report = Report(answers.report())
    lines = [json.loads(line) for line in rendered(report, "ndjson").decode().splitlines()]
    assert lines == as_json(report)["metrics"]


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_same_document_has_the_same_bytes(name: str) -> None:
    assert rendered(Report(answers.report()), name) == rendered(Report(answers.report()), name)


def test_totals_are_plain_json() -> None:
    value = {"a": math.nan, "b": np.float64(2.0), "c": [np.int64(3), Path("x")], "d": pl.DataFrame({"e": [math.inf]})}
    assert json_value(value) == {"a": None, "b": 2.0, "c": [3, "x"], "d": [{"e": None}]}
    with pytest.raises(TypeError, match="object has no JSON form"):
        json_value(object())


@pytest.mark.parametrize(
    ("name", "out", "chosen"),
    [
        (None, None, "table"),
        (None, "a.csv", "csv"),
        (None, "a.JSON", "json"),
        (None, "a.jsonl", "ndjson"),
        (None, "a.txt", "table"),
        (None, "a.markdown", "md"),
        (None, "report", "table"),
        ("json", "a.csv", "json"),
    ],
)
def test_a_files_ending_chooses_unless_a_format_is_asked_for(name: str | None, out: str | None, chosen: str) -> None:
    assert choose_format(name, Path(out) if out else None) == chosen


@pytest.mark.parametrize(("name", "out"), [("jsn", None), ("html", None), (None, "a.xlsx"), (None, "a.doc")])
def test_a_format_that_does_not_exist_names_those_that_do(name: str | None, out: str | None) -> None:
    with pytest.raises(UserError) as caught:
        choose_format(name, Path(out) if out else None)
    assert caught.value.code == ExitCode.USAGE
    assert "table, json, ndjson, csv, parquet, md" in str(caught.value.problems[0].hint)


def test_a_typo_is_corrected() -> None:
    with pytest.raises(UserError) as caught:
        choose_format("parqet", None)
    assert "did you mean 'parquet'?" in str(caught.value.problems[0].hint)


def test_markdown_escapes_what_would_break_a_table() -> None:
    text = rendered(Rows("A *bold* title", pl.DataFrame({"a|b": ["x|y\n<img>"]})), "md").decode()
    assert text == "# A \\*bold\\* title\n\n| a\\|b |\n| --- |\n| x\\|y \\<img\\> |\n"
