"""Parts wait until as much came as there was, and what several have in common is merged once."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.gathered import Gathered, merge_together
from engagement_cli.timeline.merging import MANY
from engagement_cli.timeline.state import StateTable

TABLE = StateTable({"number": pl.Int64}, {"count": "sum"})


def part(first: int, rows: int) -> Cells:
    return TABLE.of({"number": np.arange(first, first + rows), "count": 1})


def test_a_table_is_merged_each_time_it_has_doubled() -> None:
    gathered, merges = Gathered(TABLE), []
    for index in range(32):
        gathered.add(part(index * MANY, MANY))
        if gathered.due:
            merge_together([gathered])
            merges.append(index + 1)
    merge_together([gathered])
    assert merges == [2, 4, 8, 16, 32]
    assert gathered.whole.frame()["number"].to_list() == list(range(32 * MANY))


def test_parts_of_few_rows_wait_until_they_are_many() -> None:
    gathered = Gathered(TABLE)
    gathered.add(part(0, 3))
    gathered.add(part(0, 3))
    assert not gathered.due
    gathered.add(part(0, MANY))
    assert gathered.due
    merge_together([gathered])
    assert gathered.whole.frame().row(0) == (0, 3)
    assert not gathered.due


def test_what_several_gathered_of_the_same_parts_is_merged_once() -> None:
    one, same, other = Gathered(TABLE), Gathered(TABLE), Gathered(TABLE)
    for first in (0, 1):
        shared = part(first, 2)
        one.add(shared)
        same.add(shared)
        other.add(part(first, 2))
    merge_together([one, same, other])
    assert one.whole is same.whole
    assert one.whole is not other.whole
    assert one.whole.frame().rows() == other.whole.frame().rows() == [(0, 1), (1, 2), (2, 1)]


def test_many_rows_wait_with_narrow_values() -> None:
    gathered = Gathered(TABLE)
    gathered.add(part(0, MANY + 1))
    assert gathered.whole.value("count").dtype == np.int8
