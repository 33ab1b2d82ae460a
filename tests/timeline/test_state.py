"""States merge by keys; quantiles of runs are those of all values written out."""

from __future__ import annotations

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.timeline.merging import merge_states
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import StateTable

TABLE = StateTable({"key": pl.String}, {"total": "sum", "least": "min", "most": "max"})


def table(*rows: tuple[str, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=["key", "total", "least", "most"], orient="row")


def test_columns_merge_as_they_say_and_are_sorted_by_key() -> None:
    parts = [table(("b", 1, 5, 5), ("a", 2, 4, 4)), table(("b", 10, -3, 2))]
    assert TABLE.merge(parts).rows() == [("a", 2, 4, 4), ("b", 11, -3, 5)]


def test_sums_are_wider_than_64_bits() -> None:
    big = (1 << 62) + 1
    assert TABLE.merge([table(("a", big, 0, 0))] * 5)["total"].item() == 5 * big


def test_a_union_is_a_table_of_keys() -> None:
    union = StateTable({"key": pl.String, "thing": pl.UInt64})
    part = pl.DataFrame({"key": ["a", "a"], "thing": [7, 7]}, schema_overrides={"thing": pl.UInt64})
    assert union.merge([part, part]).rows() == [("a", 7)]


def test_no_parts_are_the_empty_state() -> None:
    assert TABLE.merge([]).equals(TABLE.empty())
    assert TABLE.merge([TABLE.empty(), TABLE.empty()]).equals(TABLE.empty())
    merged = merge_states({"one": TABLE, "two": TABLE}, [{"one": table(("a", 1, 1, 1))}])
    assert (merged["one"].height, merged["two"].height) == (1, 0)


def test_scalars_are_broadcast() -> None:
    found = TABLE.of({"key": pl.Series(["a", "a", "b"]), "total": 1, "least": np.array([3, 1, 2]), "most": 9})
    assert found.rows() == [("a", 2, 1, 9), ("b", 1, 2, 9)]


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_quantiles_are_those_of_the_values_written_out(share: float, seed: int) -> None:
    dice = random.Random(seed)
    rows = [(dice.choice("xyz"), dice.randrange(-20, 20), dice.randrange(1, 6)) for _ in range(60)]
    runs = StateTable({"key": pl.String, "value": pl.Int64}, {"count": "sum"}).merge(
        [pl.DataFrame(rows, schema=["key", "value", "count"], orient="row")]
    )
    found = quantile(runs, "value", "count", share, ["key"])
    for key, value in found.rows():
        written_out = np.repeat(
            *(runs.filter(pl.col("key") == key)[c].cast(pl.Int64).to_numpy() for c in ("value", "count"))
        )
        assert value == pytest.approx(np.quantile(written_out, share))
    assert found["key"].to_list() == sorted(found["key"])


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_median_of_one_group_without_keys(values: list[int]) -> None:
    runs = pl.DataFrame({"value": values, "count": [1] * len(values)})
    assert quantile(runs, "value", "count", 0.5, [])["value"].item() == pytest.approx(np.median(values))


def test_there_is_no_quantile_of_nothing() -> None:
    empty = pl.DataFrame(schema={"key": pl.String, "value": pl.Int64, "count": pl.Int128})
    assert quantile(empty, "value", "count", 0.5, ["key"]).height == 0
