from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from engagement_cli.errors import UserError
from engagement_cli.timeline.frames import from_frame
from engagement_cli.timeline.frames import ready as made_ready
from engagement_cli.timeline.hashing import HASH_SEED, text_hash
from engagement_cli.timeline.incoming import Incoming, Layout
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.rows import NO_NUMBER
from engagement_cli.timeline.spread import Spread, spread
from engagement_cli.timeline.store import BlockStore

SECOND = 1_000_000
QUARTER = 900 * SECOND


def export(seed: int, rows: int, days: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    fate = random.choice([0, 0, 0, 0, 1, 2], rows).astype(np.uint8)
    time = random.integers(-days * 86_400, days * 86_400, rows) * SECOND
    return pl.DataFrame(
        {
            "customer": pl.Series(
                [(None, "", " ")[i] if i < 3 else f"c{i}" for i in random.integers(0, 40, rows)], dtype=pl.String
            ),
            "event": [f"e{i}" for i in random.integers(0, 5, rows)],
            "time": pl.Series(time.tolist()).scatter(np.flatnonzero(fate == 1), None),
            "fate": fate,
            "n0": pl.Series([None if i else 7.5 for i in random.integers(0, 3, rows)], dtype=pl.Float64),
            "x0": pl.Series([("nine", None, "", " ")[i] for i in random.integers(0, 4, rows)], dtype=pl.String),
        }
    )


LAYOUT = Layout(Demand((), ("value",), ("order",), ()), dedupe=False)


def ready(rows: pl.DataFrame) -> pl.DataFrame:
    hashes = {"customer": text_hash(pl.col("customer")), "e": text_hash(pl.col("event"))}
    return made_ready(rows.lazy().with_columns(**hashes), LAYOUT).collect()


def incoming(rows: pl.DataFrame) -> Incoming:
    return from_frame(ready(rows), LAYOUT)


def run(frames: list[pl.DataFrame], buckets: int) -> Spread:
    return spread(map(incoming, frames), LAYOUT, buckets, BlockStore(buckets), ticks_per_second=SECOND)


def columns_of(found: Spread, bucket: int) -> list[NDArray[np.generic]]:
    """The columns of a bucket's rows, and of their values, where the rows are that have any."""
    rows, cells = found.take(bucket)
    demand = found.layout.demand
    missing = np.array([NO_NUMBER] * len(demand.numbers) + [0] * len(demand.things)).view(np.uint64)
    valued, columns = cells.dense(np.arange(len(rows[0]), dtype=np.uint32), missing)
    return [*rows, valued, *columns]


def valued_of(found: Spread, bucket: int) -> list[NDArray[np.generic]]:
    """The columns of a bucket's rows with a number or a thing, with these: numbers are 64 bits without a sign."""
    *rows, valued, number, thing = columns_of(found, bucket)
    return [*(column[valued] for column in rows), number.view(np.int64), thing]


@pytest.mark.parametrize("days", [3, 40_000])
@pytest.mark.parametrize("buckets", [1, 7])
def test_kept_rows_are_in_the_buckets_and_facts_speak_of_them_alone(days: int, buckets: int) -> None:
    frames = [export(seed, 500, days) for seed in range(4)]
    whole = pl.concat(frames)
    kept = whole.filter(pl.col("fate") == 0)
    found = run(frames, buckets)
    assert found.read.fates[:3].tolist() == [whole.filter(pl.col("fate") == fate).height for fate in range(3)]
    assert found.read.facts is not None
    assert (found.read.facts.first, found.read.facts.last) == (kept["time"].min(), kept["time"].max())
    assert found.read.facts.quarter_hours.tolist() == sorted(set((kept["time"] // QUARTER).to_list()))
    parts = [found.take(bucket)[0] for bucket in range(buckets)]
    names = np.array(found.read.kinds.events)
    stored = [
        (int(t), names[found.read.final_kind[k]]) for part in parts for t, k in zip(part[1], part[2], strict=True)
    ]
    assert sorted(stored) == sorted(kept.select("time", "event").rows())
    of_customers = [set(part[0].tolist()) - {0} for part in parts]
    assert sum(map(len, of_customers)) == len(set().union(*of_customers)) == kept["customer"].n_unique() - 3


def test_valued_rows_are_those_kept_with_a_number_or_a_thing() -> None:
    frame = export(1, 500, 3)
    found = run([frame], 3)
    parts = [valued_of(found, bucket) for bucket in range(3)]
    stored = [
        tuple(row) for part in parts for row in zip(*(c.tolist() for c in (part[1], part[3], part[4])), strict=True)
    ]
    valued = frame.filter((pl.col("fate") == 0) & (pl.col("n0").is_not_null() | (pl.col("x0") == "nine")))
    nine = pl.Series(["nine"]).hash(HASH_SEED).item()
    thing = pl.when(pl.col("x0") == "nine").then(pl.lit(nine, pl.UInt64)).otherwise(0)
    number = (pl.col("n0") * 1_000_000).cast(pl.Int64).fill_null(NO_NUMBER)
    expected = valued.select("time", number, thing).rows()
    assert sorted(stored) == sorted(expected)


@pytest.mark.parametrize("aligned", [True, False])
def test_a_batch_in_several_pieces_is_spread_as_one_in_one_piece(aligned: bool) -> None:
    whole = pl.concat([ready(export(seed, 20_000 + seed, 3)).rechunk() for seed in range(3)], rechunk=False)
    assert whole.n_chunks() == 3
    given = whole if aligned else whole.with_columns(whole["time"].rechunk())
    found, expected = (
        spread([from_frame(batch, LAYOUT)], LAYOUT, 5, BlockStore(5), ticks_per_second=SECOND)
        for batch in (given, whole.rechunk())
    )
    for bucket in range(5):
        columns = zip(columns_of(found, bucket), columns_of(expected, bucket), strict=True)
        assert all((one == other).all() for place, (one, other) in enumerate(columns) if place != 2)


def test_an_export_without_a_kept_row_has_no_facts() -> None:
    found = run([export(1, 50, 3).with_columns(fate=pl.lit(2, pl.UInt8))], 2)
    assert found.read.facts is None
    assert len(found.read.kinds) == 0
    assert found.read.fates[2] == 50


def test_no_temporary_file_stays_where_reading_fails(tmp_path: Path) -> None:
    def frames() -> Iterator[Incoming]:
        yield incoming(export(1, 500, 3))
        raise UserError("the file ends in the middle")

    with pytest.raises(UserError, match="in the middle"):
        spread(frames(), LAYOUT, 4, BlockStore(4, 0, tmp_path), ticks_per_second=SECOND)
    assert list(tmp_path.iterdir()) == []


def test_cells_of_any_type_say_what_their_text_says() -> None:
    cells = pl.DataFrame(
        {
            "customer": ["a", "b", "a"],
            "event": [7, 7, 8],
            "time": [0, 1, 2],
            "fate": pl.Series([0, 0, 0], dtype=pl.UInt8),
            "t0": [True, None, False],
            "x0": [12, None, 13],
        }
    )
    texts = pl.col("event", "t0", "x0").cast(pl.String)
    layout = Layout(Demand((), (), ("order",), ("flag",)), dedupe=False)
    found = []
    for rows in (cells, cells.with_columns(texts)):
        given = rows.lazy().with_columns(text_hash(pl.col("customer")), e=text_hash(pl.col("event").cast(pl.String)))
        batch = from_frame(made_ready(given, layout).collect(), layout)
        spreaded = spread([batch], layout, 1, BlockStore(1), ticks_per_second=SECOND)
        columns = [column.tolist() for column in columns_of(spreaded, 0)]
        found.append((spreaded.read.kinds.events, spreaded.read.kinds.texts, columns))
    assert found[0] == found[1]
    assert found[0][:2] == (("7", "7", "8"), {"flag": (None, "true", "false")})
