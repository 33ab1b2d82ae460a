"""What --memory allows decides on sizes; what cannot fit is told, with its size and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engagement_cli.engines import sizing
from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.incoming import Layout
from engagement_cli.timeline.needs import Demand

LAYOUT = Layout(Demand((), ("value",), ("order",), ()), dedupe=False)
GB = 10**9


def sizes(memory: int | None, rows: int, **tables: pl.DataFrame) -> sizing.Sizes:
    return sizing.sizes(Limits(memory=memory), LAYOUT, rows, tables, profiled=True)


def test_without_a_limit_everything_stays_in_memory() -> None:
    found = sizes(None, 100_000_000)
    assert found.allowed is None
    assert found.buckets == 26  # of three times as many rows as those of a small export


@pytest.mark.parametrize(
    ("rows", "threads", "buckets"),
    [(0, 2, 1), (299_999, 2, 1), (300_000, 2, 2), (1_000_000, 4, 4), (500_000, 4, 3), (3 * sizing.ROWS_A_BUCKET, 2, 4)],
)
def test_no_thread_waits_for_the_last_bucket_where_rows_are_enough(rows: int, threads: int, buckets: int) -> None:
    for memory in (None, 16 * GB):
        limits = Limits(memory=memory, threads=threads)
        assert sizing.sizes(limits, LAYOUT, rows, {}, profiled=True).buckets == buckets


def test_less_memory_means_smaller_pieces_more_buckets_and_less_that_waits() -> None:
    much, little = sizes(8 * GB, 500_000_000), sizes(GB // 4, 500_000_000)
    assert little.batch_rows < much.batch_rows
    assert little.buckets > much.buckets
    assert (little.allowed or 0) < (much.allowed or 0) <= 64 << 20
    assert (little.most_rows or 0) < (much.most_rows or 0)


def test_rows_that_fit_wait_in_memory() -> None:
    found = sizes(2 * GB, 5_000_000)
    assert (found.allowed or 0) > 5_000_000 * 40


def test_tables_that_do_not_fit_are_told() -> None:
    customers = pl.DataFrame({"customer": pl.int_range(20_000_000, eager=True)})
    with pytest.raises(UserError, match=r"customers have 20,000,000 rows, which take 160MB") as error:
        sizes(150_000_000, 1000, customers=customers)
    assert "240MB" in str(error.value.problems[0].hint)


def test_files_that_cannot_fit_are_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "c.csv").write_text("user_id,country\na,DE\n" * 100)
    exports = open_exports(Settings(), None, Overrides(paths={"customers": (str(tmp_path / "c.csv"),)}))
    monkeypatch.setattr(sizing, "_NEGLIGIBLE", 10)
    sizing.refuse_large_sources(Limits(memory=GB), exports, {"customers"})
    sizing.refuse_large_sources(Limits(), exports, {"customers"})
    with pytest.raises(UserError, match="customers are read as a whole, which takes about"):
        sizing.refuse_large_sources(Limits(memory=100), exports, {"customers", "events"})


def told(problem: Callable[[], None]) -> str:
    with pytest.raises(UserError) as error:
        problem()
    return error.value.problems[0].what


def test_a_customer_who_alone_does_not_fit_is_told() -> None:
    def rows(most: int) -> list[np.ndarray]:
        return [np.concatenate([np.full(most, 7, np.uint64), np.arange(300_000, dtype=np.uint64)])]

    limits = Limits(memory=50_000_000)
    sizing.refuse_large_customer(limits, rows(190_000))
    sizing.refuse_large_customer(Limits(), rows(2_000_000))
    assert told(lambda: sizing.refuse_large_customer(limits, rows(2_000_000))).startswith(
        "one customer has 2,000,001 events"
    )


def test_rows_of_nobody_are_no_customer() -> None:
    sizing.refuse_large_customer(Limits(memory=50_000_000), [np.zeros(2_000_000, np.uint64)])


def test_the_customer_table_is_projected_from_the_first_buckets() -> None:
    sizing.refuse_large_profiles(Limits(memory=GB), 50_000, None, 0.01, {})
    sizing.refuse_large_profiles(Limits(memory=GB), 1_000_000, 8_000_000, 0.5, {})
    sizing.refuse_large_profiles(Limits(), 1_000_000, 8_000_000, 0.001, {})
    what = told(lambda: sizing.refuse_large_profiles(Limits(memory=GB), 1_000_000, 8_000_000, 0.01, {}))
    assert what.startswith("the customer table of about 100,000,000 customers takes 2.08GB")
    what = told(lambda: sizing.refuse_large_profiles(Limits(memory=GB), 1_000_000, None, 0.01, {}))
    assert what.startswith("the customer table of about 100,000,000 customers takes 6GB")
    beside = {"surveys": pl.DataFrame({"a": pl.int_range(123_000_000, eager=True)})}
    what = told(lambda: sizing.refuse_large_profiles(Limits(memory=GB), 1_000_000, 8_000_000, 0.5, beside))
    assert "left of the 1GB allowed" in what


def test_a_customer_table_is_finished_in_pieces_that_fit() -> None:
    small, large = sizing.pieces_of(Limits(memory=GB // 2)), sizing.pieces_of(Limits(memory=64 * GB))
    assert small[0] < large[0] == sizing.pieces_of(Limits())[0]
    assert small[1] < large[1] == sizing.pieces_of(Limits())[1]
    assert sizing.pieces_of(Limits(memory=GB, threads=1))[0] > sizing.pieces_of(Limits(memory=GB, threads=2))[0]


def test_tables_alone_are_measured_in_as_many_buckets_as_the_largest_has_pieces() -> None:
    piece = sizing.pieces_of(Limits())[0]
    rows = {"surveys": pl.DataFrame({"a": pl.int_range(2 * piece + 1, eager=True)}), "customers": pl.DataFrame()}
    assert sizing.buckets_of_tables(Limits(), rows) == 3
    assert sizing.buckets_of_tables(Limits(), {}) == 1


def test_texts_have_places() -> None:
    texts = pl.DataFrame({"text": ["a"] * 10_000_000})
    with pytest.raises(UserError, match="surveys have 10,000,000 rows, which take 1"):
        sizes(150_000_000, 1000, surveys=texts)


def test_rows_that_fit_stay_in_memory_where_the_disk_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sizes(16 * GB, 100_000_000).allowed or 0) <= 64 << 20
    monkeypatch.setattr(sizing, "has_room", lambda needed: False)
    assert (sizes(16 * GB, 100_000_000).allowed or 0) > 4 * GB
