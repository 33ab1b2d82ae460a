"""The default report against SQL written by hand: every number that the SQL has, on a small sample."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from benchmarks.agreement import disagreements
from benchmarks.covered import coverage
from benchmarks.sides import Sample, make_sample, report, script

JUDGES = ["duckdb", *(["chdb"] if find_spec("chdb") else [])]  # chDB is in the extra `benchmark` alone


def _rows(command: list[str], out: Path) -> pl.DataFrame:
    done = subprocess.run(command, cwd=out.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pl.read_parquet(out)


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, pl.DataFrame]:
    folder: Path = tmp_path_factory.mktemp("benchmark")
    sample = make_sample(folder, 300)
    out = folder / "report.parquet"
    return sample, _rows(report(sample, out), out)


@pytest.fixture(scope="module", params=JUDGES)
def results(
    request: pytest.FixtureRequest, reported: tuple[Sample, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, pl.DataFrame]:
    sample, mine = reported
    out = tmp_path_factory.mktemp(request.param) / "sql.parquet"
    return mine, _rows(script(f"{request.param}_report.py", sample, out), out)


def test_report_and_sql_agree(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    found = disagreements(*results)
    assert found.is_empty(), found.to_dicts()[:10]


def test_every_metric_is_judged_with_all_its_measures(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    assert set(mine["metric"]) == set(other["metric"])
    told = mine.filter(pl.col("value").fill_null(0) != 0)
    assert set(told.select("metric", "measure").rows()) <= set(other.select("metric", "measure").rows())


def test_the_coverage_is_told(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    assert coverage(mine, other) == "117 of 117 metrics, 100.0% of the rows"
    assert coverage(mine, other.filter(pl.col("metric") != "orders")).endswith("of the rows; without orders")


def test_a_wrong_number_is_noticed_in_every_metric(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    spoilt = other.with_columns(pl.col("value") * (1 + 1e-6) + 1e-6)
    having = other.filter(pl.col("value").is_not_null())
    assert set(disagreements(mine, spoilt)["metric"]) == set(having["metric"])


def test_a_missing_row_is_noticed(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    for (metric,), rows in other.filter(pl.col("value").fill_null(0) != 0).group_by("metric"):
        if rows.height > 1:
            fewer = other.join(rows.tail(1), on=other.columns, how="anti", nulls_equal=True)
            assert metric in set(disagreements(mine, fewer)["metric"])
        assert metric in set(disagreements(mine.filter(pl.col("metric") != metric), other)["metric"])


def test_a_metric_that_the_report_does_not_have_is_noticed(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    invented = other.filter(pl.col("metric") == "orders").with_columns(metric=pl.lit("invented"))
    assert set(disagreements(mine, pl.concat([other, invented]))["metric"]) == {"invented"}
