"""Timestamps: every writing becomes the same instant; what cannot be read is a bad cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.sources.exports import scan_events, ticks_per_second
from engagement_cli.sources.instants import AmbiguousOrderError, decide
from engagement_cli.sources.timestamps import Zones, add_ticks

UTC_ZONES = Zones("UTC", "UTC")
NOON = datetime(2024, 1, 5, 12, tzinfo=UTC)


def read(cells: list[object] | pl.Series, zones: Zones = UTC_ZONES, per_second: int = 1_000_000) -> pl.DataFrame:
    series = pl.Series("cell", cells)
    frame = add_ticks(series.to_frame().lazy(), "cell", series.dtype, "ticks", "bad", decide(series), zones, per_second)
    return frame.select("ticks", "bad").collect()


def ticks(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-05T12:00:00Z",
        "2024-01-05 12:00:00",
        "2024-01-05T12:00",
        "2024-01-05T12:00:00.000Z",
        "2024-01-05T12:00:00.000000+00:00",
        "2024-01-05T14:00:00+02:00",
        "2024-01-05 06:30:00-0530",
        "2024-01-05 14:00:00+02",
        "2024-01-05 12:00:00 UTC",
        "20240105T120000Z",
        "2024/01/05 12:00:00",
        "2024-1-5 12:00:00",
        "1704456000",
        "1704456000000",
        "1704456000000000",
    ],
)
def test_every_writing_of_noon(cell):
    assert read([cell])["ticks"].to_list() == [ticks(NOON)]
    among_others = read(["2023-01-01T00:00:00Z", "2023-01-01T00:00:01Z", cell])
    assert among_others["ticks"].to_list()[-1] == ticks(NOON)
    assert not among_others["bad"].any()


@pytest.mark.parametrize(
    "cell",
    [
        "nope",
        "2024-02-30",
        "2024-13-01T00:00:00Z",
        "2024-01-05T25:00:00Z",
        "2024-01-05T12:61:00",
        "2024-01-05T12:00:00Zx",
        "31/12/2024",
        "1899-12-31",
        "2263-01-01",
        "9999-12-31",
        "12024-01-05",
        "Infinity",
        "NaN",
        "99999999999999999999",
    ],
)
def test_what_is_no_timestamp_is_bad(cell):
    frame = read(["2023-01-01T00:00:00Z", "2023-01-01T00:00:01Z", cell])
    assert frame["bad"].to_list() == [False, False, True]


def test_empty_cells_are_not_bad_but_null():
    frame = read(["2023-01-01", "", None, "  "])
    assert frame["bad"].to_list() == [False] * 4
    assert frame["ticks"].null_count() == 3


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["13/01/2024", "02/01/2024"], date(2024, 1, 2)),
        (["01/13/2024", "02/01/2024"], date(2024, 2, 1)),
        (["02.01.2024"], date(2024, 1, 2)),
        (["13/01/2024 10:00", "02/01/2024 12:00 AM"], date(2024, 1, 2)),
    ],
)
def test_day_and_month_first_where_the_column_proves_it(cells, expected):
    found = read(cells)["ticks"].to_list()[-1]
    assert found == ticks(datetime(expected.year, expected.month, expected.day, tzinfo=UTC))


def test_day_and_month_that_cannot_be_told_apart():
    with pytest.raises(AmbiguousOrderError):
        decide(pl.Series(["02/01/2024", "03/04/2024"]))
    with pytest.raises(AmbiguousOrderError):
        decide(pl.Series(["13/01/2024", "01/13/2024"]))


def test_ambiguous_dates_are_an_error_that_shows_the_mapping_to_write(write, opened):
    path = write("e.csv", "user_id,event,date\na,x,02/01/2024\n")
    with pytest.raises(UserError) as caught:
        opened(events=path)
    assert caught.value.code == ExitCode.INPUT
    hint = caught.value.problems[0].hint
    assert hint == "say which: --map \"events.timestamp=sql:STRPTIME(date, '%d/%m/%Y')\""
    frame = scan_events(opened(events=path, maps=("events.timestamp=sql:STRPTIME(date, '%d/%m/%Y')",))).collect()
    assert frame["time"].to_list() == [ticks(datetime(2024, 1, 2, tzinfo=UTC))]


def test_the_whole_column_may_prove_what_the_sample_does_not(write, opened):
    rows = "a,x,02/01/2024\n" * 12_000 + "a,x,31/01/2024\n"
    frame = scan_events(opened(events=write("e.csv", "user_id,event,date\n" + rows))).collect()
    assert frame["time"][0] == ticks(datetime(2024, 1, 2, tzinfo=UTC))
    assert frame["fate"].sum() == 0


def test_times_without_an_offset_are_of_the_source_zone():
    paris = Zones("Europe/Paris", "Europe/Paris")
    frame = read(["2024-07-01 12:00:00", "2024-07-01T12:00:00Z", "2024-07-01"], paris)
    expected = [datetime(2024, 7, 1, 10, tzinfo=UTC), datetime(2024, 7, 1, 12, tzinfo=UTC)]
    assert frame["ticks"].to_list() == [*map(ticks, expected), ticks(datetime(2024, 6, 30, 22, tzinfo=UTC))]


def test_dates_are_local_dates_of_the_report(write, opened):
    path = write("e.csv", "user_id,event,timestamp\na,x,2024-07-01\na,x,2024-07-01 12:00:00\n")
    frame = scan_events(opened(events=path, settings={"timezone": "Europe/Paris"})).collect()
    assert frame["time"].to_list() == [
        ticks(datetime(2024, 6, 30, 22, tzinfo=UTC)),
        ticks(datetime(2024, 7, 1, 12, tzinfo=UTC)),
    ]


def test_clock_changes_a_time_shown_twice_is_the_earlier_a_skipped_one_moves_forward():
    paris = Zones("Europe/Paris", "Europe/Paris")
    frame = read(["2024-10-27 02:30:00", "2024-03-31 02:30:00"], paris)
    assert frame["ticks"].to_list() == [
        ticks(datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        ticks(datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
    ]


def test_a_midnight_that_does_not_exist_is_the_first_instant_of_its_day():
    brazil = Zones("America/Sao_Paulo", "America/Sao_Paulo")
    assert read(["2018-11-04"], brazil)["ticks"].to_list() == [ticks(datetime(2018, 11, 4, 3, tzinfo=UTC))]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_parquet_datetimes_of_any_unit_and_zone(unit, zone):
    moment = NOON.replace(tzinfo=None) if zone is None else NOON
    series = pl.Series([moment, None], dtype=pl.Datetime(unit, zone))
    assert read(series)["ticks"].to_list() == [ticks(NOON), None]


def test_parquet_dates_and_dates_beyond_range():
    series = pl.Series([date(2024, 1, 5), date(1899, 12, 31), date(9999, 1, 1)])
    frame = read(series, Zones("UTC", "Asia/Tokyo"))
    assert frame["ticks"].to_list() == [ticks(datetime(2024, 1, 4, 15, tzinfo=UTC)), None, None]
    assert frame["bad"].to_list() == [False, True, True]


@pytest.mark.parametrize("per_second", [1, 1_000, 1_000_000, 1_000_000_000])
def test_numbers_since_1970(per_second):
    assert read(pl.Series([1704456000 * per_second]))["ticks"].to_list() == [ticks(NOON)]


def test_decimals_since_1970():
    assert read(pl.Series([1704456000.5, float("nan"), float("inf")]))["ticks"].to_list() == [
        ticks(NOON) + 500_000,
        None,
        None,
    ]
    assert read(["1704456000.25", "1704456000"])["ticks"].to_list() == [ticks(NOON) + 250_000, ticks(NOON)]


def test_whole_numbers_that_are_dates():
    assert read(pl.Series([20240105]))["ticks"].to_list() == [ticks(datetime(2024, 1, 5, tzinfo=UTC))]


def test_fractions_below_the_microsecond_ask_for_nanoseconds(write, opened):
    path = write("e.csv", "user_id,event,timestamp\na,x,2024-01-05T12:00:00.1234567Z\n")
    exports = opened(events=path)
    assert ticks_per_second(exports) == 1_000_000_000
    frame = scan_events(exports, ticks_per_second=1_000_000_000).collect()
    assert frame["time"].to_list() == [ticks(NOON) * 1000 + 123_456_700]


def test_fractions_that_a_tick_cannot_hold_are_bad_rather_than_cut():
    assert read(["2024-01-05T12:00:00.1234567Z"])["bad"].to_list() == [True]
    assert read(["2024-01-05T12:00:00.1234560Z"])["bad"].to_list() == [False]


def test_nanoseconds_in_parquet(opened, tmp_path):
    path = tmp_path / "e.parquet"
    times = pl.Series([1704456000_000000001], dtype=pl.Datetime("ns"))
    pl.DataFrame({"user_id": ["a"], "event": ["x"], "timestamp": times}).write_parquet(path)
    assert ticks_per_second(opened(events=path)) == 1_000_000_000


@given(
    moment=st.datetimes(datetime(1900, 1, 2), datetime(2262, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    separator=st.sampled_from(["T", " "]),
)
@settings(max_examples=60)
def test_any_wall_clock_is_the_instant_that_the_zone_database_says(moment, zone, separator):
    expected = moment.replace(tzinfo=ZoneInfo(zone))
    assume(zone == "UTC" or moment.year <= 2037)  # rules beyond the tables are extrapolated by each library
    assert read([moment.isoformat(separator)], Zones(zone, zone))["ticks"].to_list() == [ticks(expected)]


@given(
    moment=st.datetimes(datetime(1900, 1, 2), datetime(2262, 1, 1)),
    minutes=st.integers(-14 * 60, 14 * 60),
    first=st.sampled_from(["2024-01-01T00:00:00Z", "2024-01-01", "1704456000"]),
)
@settings(max_examples=60)
def test_any_offset_whatever_the_frequent_layout(moment, minutes, first):
    sign = "-" if minutes < 0 else "+"
    cell = f"{moment.isoformat()}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    expected = moment.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    assert read([first, first, cell])["ticks"].to_list()[-1] == ticks(expected)
