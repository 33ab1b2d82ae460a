"""States merge by keys; quantiles of runs are those of all values written out."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.merging import MANY
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import StateTable, merge_states

TABLE = StateTable({"key": pl.String}, {"total": "sum", "least": "min", "most": "max"})
WIDE = StateTable({"text": pl.String, "number": pl.Int64, "hash": pl.UInt64}, TABLE.values)
RUNS = StateTable({"key": pl.String, "value": pl.Int64}, {"count": "sum"})


def table(*rows: tuple[str | None, int, int, int]) -> Cells:
    return TABLE.of(pl.DataFrame(list(rows), schema=dict(TABLE.schema()), orient="row"))


def test_columns_merge_as_they_say_and_are_sorted_by_key() -> None:
    parts = [table(("b", 1, 5, 5), ("a", 2, 4, 4)), table(("b", 10, -3, 2))]
    assert TABLE.merge(parts).frame().rows() == [("a", 2, 4, 4), ("b", 11, -3, 5)]


def test_a_text_that_is_missing_comes_first() -> None:
    parts = [table(("b", 1, 1, 1)), table((None, 2, 2, 2), ("a", 3, 3, 3)), table((None, 4, 4, 4))]
    assert TABLE.merge(parts).frame().rows() == [(None, 6, 2, 4), ("a", 3, 3, 3), ("b", 1, 1, 1)]


def test_sums_are_wider_than_64_bits() -> None:
    big = (1 << 62) + 1
    assert TABLE.merge([table(("a", big, 0, 0))] * 5).frame()["total"].item() == 5 * big
    assert table(*[("a", -big, 0, 0)] * 5).frame()["total"].item() == -5 * big


def test_a_union_is_a_table_of_keys() -> None:
    union = StateTable({"key": pl.String, "thing": pl.UInt64})
    part = union.of({"key": "a", "thing": np.array([7, 7], np.uint64)})
    assert union.merge([part, part]).frame().rows() == [("a", 7)]


def test_no_parts_are_the_empty_state() -> None:
    assert len(TABLE.merge([])) == 0
    assert TABLE.merge([TABLE.empty(), TABLE.empty()]).frame().equals(pl.DataFrame(schema=TABLE.schema()))
    merged = merge_states({"one": TABLE, "two": TABLE}, [{"one": table(("a", 1, 1, 1))}])
    assert (len(merged["one"]), len(merged["two"])) == (1, 0)


def test_scalars_are_broadcast() -> None:
    found = TABLE.of({"key": pl.Series(["a", "a", "b"]), "total": 1, "least": np.array([3, 1, 2]), "most": 9})
    assert found.frame().rows() == [("a", 2, 1, 9), ("b", 1, 2, 9)]


def test_columns_of_several_parts_are_grouped_together() -> None:
    labels = Labels.of(np.array([0, 1]), ["b", "a"])
    parts = [{"key": "b", "value": np.array([3, 3]), "count": 1}, {"key": labels, "value": 3, "count": 2}]
    assert RUNS.of_all(parts).frame().rows() == [("a", 3, 2), ("b", 3, 4)]


def test_rows_that_are_distinct_and_rise_are_taken_as_they_are() -> None:
    part = RUNS.of_distinct({"key": "a", "value": np.array([-4, 9]), "count": np.array([1, 2])})
    assert part.frame().rows() == [("a", -4, 1), ("a", 9, 2)]


@pytest.mark.parametrize("values", [np.array([1.5]), pl.Series([1.5]), pl.Series([None], dtype=pl.Int64), "text"])
def test_what_is_no_whole_number_is_refused(values: np.ndarray | pl.Series | str) -> None:
    with pytest.raises(ValueError, match="expected"):
        RUNS.of({"key": "a", "value": 1, "count": values})
    with pytest.raises(ValueError, match="expected"):
        StateTable({"value": pl.Int64}).of({"value": values if not isinstance(values, str) else np.array([values])})


SUMS = st.integers(-9, 9) | st.sampled_from([2**62, -(2**62), 2**70])
KEYS = st.tuples(
    st.sampled_from([None, "", "a", "b"]), st.integers(-2, 2) | st.sampled_from([-(2**63), 2**63 - 1]),
    st.integers(0, 2) | st.sampled_from([2**63, 2**64 - 1]),
)  # fmt: skip
PARTS = st.lists(st.lists(st.tuples(KEYS, SUMS, st.integers(-9, 9)), max_size=8), max_size=4)


@given(PARTS)
@settings(max_examples=60)
def test_merging_adds_up_as_python_does(
    parts: list[list[tuple[tuple[str | None, int, int], int, int]]],
) -> None:
    expected: dict[tuple[str | None, int, int], list[tuple[int, int]]] = defaultdict(list)
    states = []
    for part in parts:
        rows = [(*key, total, value, value) for key, total, value in part]
        states.append(WIDE.of(pl.DataFrame(rows, schema=dict(WIDE.schema()), orient="row")))
        for key, total, value in part:
            expected[key].append((total, value))
    found = WIDE.merge(states).frame()
    assert found.schema == WIDE.schema()
    assert found.rows() == [
        (*key, sum(t for t, _ in seen), min(v for _, v in seen), max(v for _, v in seen))
        for key, seen in sorted(
            expected.items(), key=lambda each: (each[0][0] is not None, each[0][0] or "", each[0][1:])
        )
    ]


@pytest.mark.parametrize("scale", [1, 2**45])
def test_parts_of_many_rows_merge_as_their_rows_together_do(scale: int) -> None:
    dice = np.random.default_rng(5)
    parts, whole = [], []
    for rows, texts in ((3 * MANY, ["a", "c"]), (2 * MANY, ["b"]), (50, ["a", "b", "c"]), (2 * MANY, ["c"])):
        columns = {
            "text": pl.Series(dice.choice(texts, rows)),
            "number": dice.integers(-99, 99, rows) * scale,
            "hash": dice.integers(0, 200, rows).astype(np.uint64) * np.uint64(scale),
            "total": dice.integers(-(2**61), 2**61, rows),
            "least": dice.integers(-5, 5, rows),
        }
        whole.append(pl.DataFrame(columns).with_columns(most="least"))
        parts.append(WIDE.of(whole[-1]))
        assert rows < 2 * MANY or len(parts[-1]) > MANY
    expected = pl.concat(whole).group_by(*WIDE.keys).agg(
        pl.col("total").cast(pl.Int128).sum(), pl.col("least").min(), pl.col("most").max()
    )  # fmt: skip
    assert WIDE.merge(parts).frame().equals(expected.sort(*WIDE.keys))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("by", [["key", "other"], ["key"]])
@pytest.mark.parametrize("seed", range(4))
def test_quantiles_are_those_of_the_values_written_out(share: float, by: list[str], seed: int) -> None:
    dice = random.Random(seed)
    rows = [(dice.choice("xyz"), dice.choice("uv"), dice.randrange(-20, 20), dice.randrange(1, 6)) for _ in range(60)]
    runs = StateTable({"key": pl.String, "other": pl.String, "value": pl.Int64}, {"count": "sum"}).of(
        pl.DataFrame(rows, schema=["key", "other", "value", "count"], orient="row")
    )
    groups, found = quantile(runs, "value", "count", share, by)
    keys = groups.frame(by)
    for key, value in zip(keys.rows(), found.tolist(), strict=True):
        mine = runs.frame().filter(pl.struct(by) == pl.struct(**{k: pl.lit(v) for k, v in zip(by, key, strict=True)}))
        written_out = np.repeat(*(mine[c].cast(pl.Int64).to_numpy() for c in ("value", "count")))
        assert value == pytest.approx(np.quantile(written_out, share))
    assert keys.equals(runs.frame().select(by).unique().sort(by))


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=40))
@settings(max_examples=25)
def test_the_median_of_one_group_without_keys(values: list[int]) -> None:
    runs = StateTable({"value": pl.Int64}, {"count": "sum"}).of({"value": np.array(values), "count": 1})
    assert quantile(runs, "value", "count", 0.5, [])[1].item() == pytest.approx(np.median(values))


def test_there_is_no_quantile_of_nothing() -> None:
    groups, found = quantile(RUNS.empty(), "value", "count", 0.5, ["key"])
    assert not len(groups)
    assert not len(found)
