"""The Spark engine gives the local engine's bytes: on a Spark of one machine, however the work is divided."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.commands import run
from support.spark import MASTER
from support.whole_report import as_json, every_type, random_sources, report_bytes

from engagement_cli.engines.plan import Limits
from engagement_cli.engines.spark import engine
from engagement_cli.engines.spark.failures import told
from engagement_cli.engines.spark.session import open_session

pytestmark = pytest.mark.spark
ROOT = Path(__file__).resolve().parents[2]
ON_SPARK = ("--spark-master", MASTER)


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks of a few rows."""
    monkeypatch.setattr(engine, "LEAST_ROWS_A_TASK", 40)


@cache
def local_catalogue() -> bytes:
    return report_bytes(Limits(buckets=1), all_metrics=True)


@pytest.mark.parametrize("buckets", [1, 7])
def test_every_metric_of_the_catalogue_is_the_same(buckets: int) -> None:
    limits = Limits(buckets=buckets, master=MASTER)
    assert report_bytes(limits, engine="spark", all_metrics=True) == local_catalogue()


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(("seed", "buckets"), [(1, 1), (2, 7)])
def test_every_metric_type_is_the_same_on_random_exports(seed: int, buckets: int) -> None:
    sources = random_sources(random.Random(seed))
    on_spark = every_type(sources, Limits(buckets=buckets, master=MASTER), engine="spark", row_group_size=30)
    assert as_json(on_spark) == as_json(every_type(sources, Limits(buckets=1)))


@pytest.mark.usefixtures("small_slices")
def test_exports_without_events_are_the_same() -> None:
    sources = random_sources(random.Random(3))
    del sources["events"]
    asked: Mapping[str, Any] = {"lenient": True}
    on_spark = every_type(sources, Limits(buckets=3, master=MASTER), engine="spark", **asked)
    assert as_json(on_spark) == as_json(every_type(sources, Limits(buckets=1), **asked))


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """Events twice, under two names of the same customers, in several files; a configuration that knows of both."""
    dice = random.Random(4)
    events = random_sources(dice)["events"].with_row_index("id")
    known = events["customer"].drop_nulls().unique().sort().to_list()
    aliases = pl.DataFrame({"alias": [f"old {name}" for name in known], "customer": known})
    again = events.with_columns(customer="old " + pl.col("customer"))
    (tmp_path / "events").mkdir()
    for number, part in enumerate((events, again, events.head(50))):
        part.write_csv(tmp_path / "events" / f"{number}.csv")
    aliases.write_csv(tmp_path / "aliases.csv")
    config = tmp_path / "engagement.yaml"
    config.write_text(
        "extends: default\n"
        "sources:\n"
        "  events: {path: events, dedupe: id, columns: {id: id}}\n"
        "  identities: {path: aliases.csv}\n"
    )
    return config


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(
    "command",
    [
        ("report", "--format", "json"),
        ("customers", "--format", "csv"),
        ("explain", "active_customers_28d", "--ids", "--format", "json"),
        ("report", "--by", "channel", "--since", "2025-03-08", "--format", "csv"),
    ],
    ids=["report", "customers", "ids", "by a property"],
)
def test_duplicates_and_aliases_are_the_same(configured: Path, command: tuple[str, ...]) -> None:
    local = run(*command, "--config", configured)
    assert local.code == 0
    assert run(*command, "--config", configured, *ON_SPARK) == local


@pytest.mark.parametrize(
    "rows",
    ["u1,a,2025-01-01,1\nu2,b\nu3,a,2025-01-03,2\n", "u1,a,never,1\nu2,a,2025-01-01,2\n", "u1,,2025-01-01,1\n"],
    ids=["a row cut short", "too many bad cells", "no usable row"],
)
def test_mistakes_in_an_export_are_told_in_the_same_words(tmp_path: Path, rows: str) -> None:
    (file := tmp_path / "events.csv").write_text("customer,event,timestamp,value\n" + rows)
    local = run("report", "--events", file)
    assert local.code != 0
    assert run("report", "--events", file, *ON_SPARK) == local


def test_a_file_that_only_the_driver_has_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "events.csv"
    file.write_text("customer,event,timestamp\nu1,a,2025-01-01\nu2,a,2025-01-02\n")
    scan = engine.Cluster.scan

    def without_file(cluster: engine.Cluster, *given: Any) -> Any:
        file.unlink()
        return scan(cluster, *given)

    monkeypatch.setattr(engine.Cluster, "scan", without_file)
    found = run("report", "--events", file, *ON_SPARK)
    assert found.code == 3
    assert f"has no file {file}" in found.err
    assert "mount under the same path" in found.err


def test_an_interrupt_stays_one_whatever_spark_says_of_it() -> None:
    from pyspark.errors import PySparkException

    def interrupted() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise PySparkException("the job was cancelled")

    with pytest.raises(KeyboardInterrupt), told(open_session(None, MASTER)):
        interrupted()


def test_a_process_of_its_own_prints_the_report_and_nothing_else() -> None:
    command = [sys.executable, "-m", "engagement_cli", "report", "--sample", "--format", "json", "--quiet"]
    done = subprocess.run([*command, *ON_SPARK], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == report_bytes(Limits(buckets=1))


@pytest.mark.parametrize("master", ["spark://127.0.0.1:1", "spark://127.0.0.1:port"])
def test_a_master_that_does_not_answer_is_told_at_once(master: str) -> None:
    found = run("report", "--sample", "--spark-master", master)
    assert found.code == 2
    assert "no Spark master answers" in found.err


def test_what_is_no_master_is_told() -> None:
    command = [sys.executable, "-m", "engagement_cli", "report", "--sample", "--spark-master", "garbage"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # Spark leaves a file open
    assert found.returncode == 2
    assert "Spark could not be started" in found.stderr
    assert "SparkSubmit.error" not in found.stderr
