"""One report and one view in every format, compared byte by byte with files that people can read.

After a wanted change: `pytest tests/render --renew-golden`, then look at `git diff tests/golden`.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from render import answers

from engagement_cli.render.documents import Document, Report, ViewPage
from engagement_cli.render.formats import FORMATS
from engagement_cli.render.output import write
from engagement_cli.results import ROW_SCHEMA

GOLDEN = Path(__file__).parent.parent / "golden"
ENDINGS = {"table": "table.txt"}
TEXT = [name for name in FORMATS if name != "parquet"]


def documents() -> dict[str, Document]:
    retention = answers.retention()
    return {
        "report": Report(answers.report(), customers=12345),
        "retention": ViewPage("retention", {"every": "week"}, retention, answers.answer([retention])),
        "funnel": ViewPage("funnel", {"window": "14d"}, (f := answers.funnel()), answers.answer([f])),
        "lifecycle": ViewPage("lifecycle", {"every": "day"}, (m := answers.lifecycle()), answers.answer([m])),
    }


def compare(written: Path, golden: Path, *, renew: bool) -> None:
    if renew:
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(written.read_bytes())
    assert golden.exists(), f"no {golden.name}: run pytest tests/render --renew-golden"
    assert written.read_bytes() == golden.read_bytes()


@pytest.mark.parametrize("name", TEXT)
def test_a_report_is_the_golden_file_byte_by_byte(name: str, tmp_path: Path, renew_golden: bool) -> None:
    file = f"report.{ENDINGS.get(name, name)}"
    write(documents()["report"], name, tmp_path / file)
    compare(tmp_path / file, GOLDEN / file, renew=renew_golden)


@pytest.mark.parametrize("view", ["retention", "funnel", "lifecycle"])
@pytest.mark.parametrize("name", ["table", "json", "csv", "md"])
def test_a_view_is_the_golden_file_byte_by_byte(view: str, name: str, tmp_path: Path, renew_golden: bool) -> None:
    file = f"{view}.{ENDINGS.get(name, name)}"
    write(documents()[view], name, tmp_path / file)
    compare(tmp_path / file, GOLDEN / file, renew=renew_golden)


@pytest.mark.parametrize("width", [80, 160])
def test_a_report_fits_narrow_and_wide(
    width: int, tmp_path: Path, renew_golden: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    file = f"report.table.{width}.txt"
    write(documents()["report"], "table", tmp_path / file)
    compare(tmp_path / file, GOLDEN / file, renew=renew_golden)
    assert max(len(line) for line in (tmp_path / file).read_text().splitlines()) <= width


def test_a_parquet_report_has_the_schema_and_rows_of_the_golden_file(tmp_path: Path, renew_golden: bool) -> None:
    write(documents()["report"], "parquet", tmp_path / "report.parquet")
    if renew_golden:
        (GOLDEN / "report.parquet").write_bytes((tmp_path / "report.parquet").read_bytes())
    table = pl.read_parquet(tmp_path / "report.parquet")
    assert dict(table.schema) == ROW_SCHEMA
    assert_frame_equal(table, pl.read_parquet(GOLDEN / "report.parquet"), check_exact=True)
