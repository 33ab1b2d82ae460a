"""A bucket's rows are in one order whatever way they are sorted; times too far apart for the packed key still are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from support.measuring import measured, one

from engagement_cli.engines.plan import Limits
from engagement_cli.timeline.build import _packed_sort, _sort

TICKS = 1_000_000


def rows(dice: random.Random, *, codes: int, times: list[int], kinds: int) -> pl.DataFrame:
    table = [(dice.randrange(codes), dice.choice(times), dice.randrange(kinds)) for _ in range(300)]
    schema = {"code": pl.UInt32, "time": pl.Int64, "kind": pl.UInt32}
    return pl.DataFrame(table, schema=schema, orient="row")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unit", [1, 1000, TICKS, 3600 * TICKS, 86_400 * TICKS])
def test_the_packed_key_sorts_by_customer_time_and_kind(seed: int, unit: int) -> None:
    dice = random.Random(seed)
    times = [-(10**15) + unit * dice.randrange(1000) for _ in range(50)]
    table = rows(dice, codes=dice.choice([1, 40, 1000]), times=times, kinds=dice.choice([1, 2, 1000]))
    packed = _packed_sort(table, TICKS)
    assert packed is not None
    ordered = table.sort("code", "time", "kind")
    assert packed.customer.tolist() == ordered["code"].to_list()
    assert packed.time.tolist() == ordered["time"].to_list()
    assert packed.kind.tolist() == ordered["kind"].to_list()


def test_what_does_not_fit_64_bits_is_sorted_all_the_same() -> None:
    dice = random.Random(1)
    far = [0, 1, *(dice.randrange(-(2**61), 2**61) for _ in range(40))]
    table = rows(dice, codes=1000, times=far, kinds=1000)
    assert _packed_sort(table, 1000 * TICKS) is None
    found, ordered = _sort(table, 1000 * TICKS, [], (), ()), table.sort("code", "time", "kind")
    dtypes = [column.dtype.name for column in (found.customer, found.time, found.kind)]
    assert dtypes == ["uint32", "int64", "uint32"]
    assert found.time.tolist() == ordered["time"].to_list()


def test_centuries_in_nanoseconds_with_a_thousand_names() -> None:
    dice = random.Random(2)
    start = datetime(1900, 1, 1, tzinfo=UTC)
    events = pl.DataFrame(
        {
            "customer": [f"c{dice.randrange(300)}" for _ in range(2000)],
            "event": [f"e{dice.randrange(1000)}" for _ in range(2000)],
            "timestamp": [start + timedelta(days=30 * dice.randrange(2000), microseconds=i) for i in range(2000)],
        }
    ).with_columns(pl.col("timestamp").cast(pl.Datetime("ns", "UTC")) + pl.duration(nanoseconds=1))
    entry = {"type": "aggregate", "count": "customers", "every": "total"}
    tables = [one(entry, events=events, limits=Limits(buckets=b)).view.table for b in (1, 3)]
    assert tables[0].equals(tables[1])
    assert tables[0]["value"].item() == events["customer"].n_unique()


def test_more_combinations_of_values_than_a_table_holds_are_told_apart() -> None:
    # Two thousand names × three thousand channels × three thousand places: the product is far beyond what is dense.
    dice = random.Random(3)
    count = 3000
    events = pl.DataFrame(
        {
            "customer": [f"c{i % 50}" for i in range(count)],
            "event": [f"e{dice.randrange(2000)}" for _ in range(count)],
            "timestamp": [datetime(2025, 1, 1 + i % 9, tzinfo=UTC) for i in range(count)],
            "channel": [f"h{i}" for i in range(count)],
            "place": [f"p{(7 * i) % count}" for i in range(count)],
        }
    )
    metrics: dict[str, dict[str, Any]] = {
        "channel": {"type": "aggregate", "count": "events", "every": "total", "by": ["channel"]},
        "place": {"type": "aggregate", "count": "events", "every": "total", "by": ["place"]},
        "names": {"type": "aggregate", "distinct": "event", "every": "total"},
    }
    by_channel, by_place, names = measured(metrics, events=events).answer.metrics
    for metric, prefix in ((by_channel, "channel=h"), (by_place, "place=p")):
        table = metric.view.table.filter(pl.col("segments") != "")
        assert table["segments"].str.starts_with(prefix).all()
        assert table["value"].to_list() == [1.0] * count
    assert names.view.table["value"].item() == events["event"].n_unique()


def test_seventy_predicates_keep_their_own_rows() -> None:
    events = pl.DataFrame(
        {
            "customer": [f"c{i % 7}" for i in range(70)],
            "event": "x",
            "timestamp": [datetime(2025, 1, 1, i % 20, tzinfo=UTC) for i in range(70)],
            "number": range(70),
        }
    )
    metrics = {
        f"below {i}": {"type": "aggregate", "count": "events", "every": "total", "where": f"number < {i}"}
        for i in range(1, 71)
    }
    answer = measured(metrics, events=events).answer
    assert [metric.view.table["value"].item() for metric in answer.metrics] == list(range(1, 71))
