"""How the work is divided changes no byte: buckets, memory, threads, the order of the rows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.whole_report import EVERY_TYPE, as_json, every_type, random_sources, report_bytes, shuffled, types_covered

from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.samples.shipped import shipped_sample
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.state import State, merge_states

ONE = Limits(buckets=1, threads=1)


@cache
def sample_in_one() -> bytes:
    return report_bytes(ONE)


@pytest.mark.slow
@pytest.mark.parametrize(
    "limits",
    [Limits(buckets=7), Limits(buckets=5, memory=1, threads=1), Limits(buckets=64)],
    ids=["seven buckets, two threads", "five buckets on disk", "sixty-four buckets"],
)
def test_the_catalogue_on_the_sample_is_the_same(limits: Limits) -> None:
    assert report_bytes(limits) == sample_in_one()


def test_the_catalogue_on_the_sample_in_another_order_is_the_same(tmp_path: Path) -> None:
    paths = {}
    for name, file in shipped_sample().items():
        header, *lines = file.read_text().splitlines(keepends=True)
        random.Random(3).shuffle(lines)
        paths[name] = tmp_path / f"{name}.csv"
        paths[name].write_text(header + "".join(lines))
    assert _without_warnings(report_bytes(Limits(buckets=3), **paths)) == _without_warnings(sample_in_one())


def _without_warnings(report: bytes) -> bytes:
    """Warnings name the first bad cell by its file and row."""
    return b"".join(line for line in report.splitlines() if not line.startswith(b'"warnings"'))


def test_every_metric_type_is_among_those_compared() -> None:
    assert types_covered(EVERY_TYPE) == set(METRIC_TYPES)


def answered(sources: Mapping[str, pl.DataFrame], limits: Limits, **more: Any) -> bytes:
    return as_json(every_type(sources, limits, **more))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_exports_give_the_same_whatever_the_division(seed: int) -> None:
    dice = random.Random(seed)
    sources = random_sources(dice)
    whole = answered(sources, ONE)
    assert answered(sources, Limits(buckets=7)) == whole
    assert answered(shuffled(sources, dice), Limits(buckets=4, threads=1, memory=1)) == whole


@pytest.mark.slow
def test_sixty_four_buckets_most_of_them_with_nobody_give_the_same() -> None:
    sources = random_sources(random.Random(4), rows=150)
    assert answered(sources, Limits(buckets=64)) == answered(sources, ONE)


def test_the_range_asked_for_changes_nothing_of_that() -> None:
    dice = random.Random(5)
    sources = random_sources(dice)
    asked = {"since": "2025-03-10T07:00:00Z", "until": "2025-04-02", "as_of": "2025-03-28"}
    assert answered(shuffled(sources, dice), Limits(buckets=5), asked=asked) == answered(sources, ONE, asked=asked)


def partial_states(
    sources: Mapping[str, pl.DataFrame], buckets: int
) -> tuple[dict[str, list[State]], dict[str, State]]:
    """The states of every bucket apart, and the whole ones, by metric."""
    parts: dict[str, list[State]] = {name: [] for name in EVERY_TYPE}
    entries = {name: METRIC_TYPES[e["type"]].Parameters.model_validate(dict(e)) for name, e in EVERY_TYPE.items()}

    def measure(bucket: Bucket) -> pl.DataFrame:
        for name, p in entries.items():
            parts[name].append(METRIC_TYPES[p.type].measure(p, bucket))
        return pl.DataFrame()

    outcome = every_type(sources, Limits(buckets=buckets, threads=1), customer_rows=measure)
    return parts, dict(outcome.merged.states)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_states_merge_in_any_order_and_grouping(seed: int) -> None:
    dice = random.Random(seed)
    sources = random_sources(dice)
    parts, whole = partial_states(sources, 9)
    _, undivided = partial_states(sources, 1)
    for name, states in parts.items():
        tables = METRIC_TYPES[EVERY_TYPE[name]["type"]].STATE
        dice.shuffle(states)
        cut = dice.randrange(1, len(states))
        nested = [merge_states(tables, states[:cut]), merge_states(tables, []), merge_states(tables, states[cut:])]
        for found in (merge_states(tables, states), merge_states(tables, nested), undivided[name]):
            assert found.keys() == tables.keys()
            for table, cells in found.items():
                frame = cells.frame()
                assert frame.equals(whole[name][table].frame()), (name, table)
                assert frame.schema == tables[table].schema(), (name, table)


@pytest.mark.parametrize("name", sorted(METRIC_TYPES))
def test_states_hold_no_floats_and_no_codes(name: str) -> None:
    for table in METRIC_TYPES[name].STATE.values():
        assert not any(_instance(dtype).is_float() for dtype in table.schema().values())
        assert "customer" not in table.keys and "code" not in table.keys


def _instance(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made
