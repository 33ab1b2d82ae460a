"""A bucket's rows are in one order whatever way they are sorted; times too far apart for the packed key still are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.measuring import measured, one

from engagement_cli.engines.plan import Limits
from engagement_cli.timeline.lot import Lot, in_order
from engagement_cli.timeline.rows import Rows

TICKS = 1_000_000


def rows(dice: random.Random, *, codes: int, times: list[int], kinds: int, values: int = 0) -> Lot:
    count = 300
    drawn = [[dice.randrange(codes), dice.choice(times), dice.randrange(kinds)] for _ in range(count)]
    customer, time, kind = np.array(drawn, dtype=np.int64).T
    numbers = {"n": np.array([dice.randrange(values) for _ in range(count)], np.int64)} if values else {}
    things = {"x": np.array([dice.randrange(values) for _ in range(count)], np.uint64)} if values else {}
    return Lot(Rows(customer.astype(np.uint32), time, kind.astype(np.uint32), numbers, things))


def ordered(lot: Lot) -> pl.DataFrame:
    return table_of(lot).sort(pl.all())


def table_of(lot: Lot) -> pl.DataFrame:
    rows = lot.rows
    return pl.DataFrame(
        {"customer": rows.customer, "time": rows.time, "kind": rows.kind, **rows.numbers, **rows.things}
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("unit", [1, 1000, TICKS, 3600 * TICKS, 86_400 * TICKS])
def test_rows_are_sorted_by_customer_time_and_kind(seed: int, unit: int) -> None:
    dice = random.Random(seed)
    times = [-(10**15) + unit * dice.randrange(1000) for _ in range(50)]
    lot = rows(dice, codes=dice.choice([1, 40, 1000]), times=times, kinds=dice.choice([1, 2, 1000]))
    assert table_of(in_order([lot])).equals(ordered(lot))
    assert table_of(in_order([lot.take(slice(0, 100)), lot.take(slice(100, None))])).equals(ordered(lot))


@pytest.mark.parametrize("far", [False, True])
def test_rows_of_equal_customer_time_and_kind_are_sorted_by_their_values(far: bool) -> None:
    dice = random.Random(7)
    times = [-(2**61), 2**61 - 1] if far else [0, 5]
    lot = rows(dice, codes=3, times=times, kinds=3, values=4)
    assert table_of(in_order([lot])).equals(ordered(lot))


@pytest.mark.parametrize("kinds", [2, 1000])
@pytest.mark.parametrize("bits", [30, 43, 50])
def test_keys_with_little_or_no_room_for_positions_are_sorted_by_their_values_too(kinds: int, bits: int) -> None:
    dice = random.Random(bits)
    lot = rows(dice, codes=1000, times=[0, 1, 2**bits - 1], kinds=kinds, values=3)
    same = Lot(lot.rows.replaced(customer=lot.rows.customer // np.uint32(300) * np.uint32(300)))
    assert table_of(in_order([same])).equals(ordered(same))


def test_what_does_not_fit_64_bits_is_sorted_all_the_same() -> None:
    dice = random.Random(1)
    far = [0, 1, *(dice.randrange(-(2**61), 2**61) for _ in range(40))]
    lot = rows(dice, codes=1000, times=far, kinds=1000)
    found = in_order([lot])
    assert table_of(found).equals(ordered(lot))
    assert table_of(found).dtypes == [pl.UInt32, pl.Int64, pl.UInt32]


def test_identities_stay_with_their_rows() -> None:
    dice = random.Random(3)
    lot = rows(dice, codes=5, times=[0, 1, 2], kinds=2)
    mark = lot.rows.customer * 100 + lot.rows.time.astype(np.uint32) * 10 + lot.rows.kind
    found = in_order([Lot(lot.rows, mark.astype(np.uint64))])
    rebuilt = found.rows.customer * 100 + found.rows.time.astype(np.uint32) * 10 + found.rows.kind
    assert found.identity is not None
    assert found.identity.tolist() == rebuilt.tolist()


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
