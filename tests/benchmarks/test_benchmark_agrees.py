"""The whole report against SQL written by hand: every number of report.yaml on a small sample."""

from __future__ import annotations

import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml
from benchmarks.agreement import disagreements
from benchmarks.sides import HERE, by_hand, make_sample, report


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, pl.DataFrame]:
    folder: Path = tmp_path_factory.mktemp("benchmark")
    sample = make_sample(folder, 300)
    files = {"report": folder / "report.parquet", "sql": folder / "sql.parquet"}
    for command in (report(sample, files["report"]), by_hand(sample, files["sql"])):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return pl.read_parquet(files["report"]), pl.read_parquet(files["sql"])


def test_report_and_sql_agree(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    found = disagreements(*results)
    assert found.is_empty(), found.to_dicts()[:10]


def test_every_metric_and_measure_is_judged(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    assert set(mine["metric"]) == set(yaml.safe_load((HERE / "report.yaml").read_text())["metrics"])
    assert set(mine.select("metric", "measure").rows()) == set(other.select("metric", "measure").rows())


@pytest.mark.parametrize("number", ["value", "ci_low"])
def test_a_wrong_number_is_noticed_in_every_metric_that_has_it(
    results: tuple[pl.DataFrame, pl.DataFrame], number: str
) -> None:
    mine, other = results
    spoilt = other.with_columns(pl.col(number) * (1 + 1e-6) + 1e-6)
    having = other.filter(pl.col(number).is_not_null())
    assert set(disagreements(mine, spoilt)["metric"]) == set(having["metric"])


def test_a_missing_row_is_noticed(results: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    mine, other = results
    for metric in other["metric"].unique():
        fewer = other.filter(pl.col("metric") != metric)
        assert metric in set(disagreements(mine, fewer)["metric"])
        assert metric in set(disagreements(mine.filter(pl.col("metric") != metric), other)["metric"])
