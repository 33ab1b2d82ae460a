"""The Spark engine through Spark Connect, to a server on loopback."""

from __future__ import annotations

import random

import pytest
from support.commands import run
from support.whole_report import as_json, every_type, random_sources, report_bytes

from engagement_cli.engines.plan import Limits
from engagement_cli.engines.spark import engine

pytestmark = pytest.mark.spark


@pytest.mark.parametrize("buckets", [1, 7])
def test_every_metric_of_the_catalogue_is_the_same(connect: str, buckets: int) -> None:
    on_spark = report_bytes(Limits(buckets=buckets, remote=connect), engine="spark", all_metrics=True)
    assert on_spark == report_bytes(Limits(buckets=1), all_metrics=True)


def test_every_metric_type_is_the_same_on_random_exports(connect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LEAST_ROWS_A_TASK", 40)
    sources = random_sources(random.Random(6))
    on_spark = every_type(sources, Limits(buckets=7, remote=connect), engine="spark", row_group_size=30)
    assert as_json(on_spark) == as_json(every_type(sources, Limits(buckets=1)))


def test_the_address_alone_chooses_the_engine(connect: str) -> None:
    command = ("score", "--sample", "--top", "5", "--format", "json")
    assert run(*command, "--spark-remote", connect) == run(*command)


def test_a_server_that_does_not_answer_is_told_at_once() -> None:
    found = run("report", "--sample", "--spark-remote", "sc://127.0.0.1:1")
    assert found.code == 2
    assert "no Spark Connect server answers" in found.err
    assert "--spark-remote sc://127.0.0.1:1" in found.err


def test_what_is_no_address_is_told() -> None:
    found = run("report", "--sample", "--spark-remote", "127.0.0.1:15002")
    assert found.code == 2
    assert "sc://host" in found.err
