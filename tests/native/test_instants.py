"""Instants in texts, beside the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engagement_cli.native.instants import NO_INSTANT, instants

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = [
    ("2024-02-29", None, 0, ""),
    ("2024-02-29T23:59:59Z", "T", 0, "Z"),
    ("1969-12-31 00:00:00", " ", 0, ""),
    ("0001-01-01 00:00:00.120 UTC", " ", 3, " UTC"),
    ("9999-12-31T23:59:59.123456789+02:00", "T", 9, "+02:00"),
]


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), max_size=80), st.sampled_from("T "), st.booleans())
@example(given=[datetime(1900, 2, 28, tzinfo=UTC), datetime(2000, 2, 29, tzinfo=UTC)], separator="T", fraction=True)
def test_instants_are_those_that_were_written(given: list[datetime | None], separator: str, fraction: bool) -> None:
    style = f"%Y-%m-%d{separator}%H:%M:%S" + (".%f" if fraction else "") + "Z"
    texts = pl.Series([i if i is None else i.strftime(style).zfill(20 + 7 * fraction) for i in given], dtype=pl.String)
    micros, finer = instants(texts, separator, 6 * fraction, "Z")
    expected = [
        NO_INSTANT
        if i is None
        else (i.replace(microsecond=fraction * i.microsecond) - EPOCH) // timedelta(microseconds=1)
        for i in given
    ]
    assert (micros.tolist(), finer.any()) == (expected, False)


@pytest.mark.parametrize(("text", "separator", "fraction", "suffix"), WRITTEN)
def test_a_text_that_is_off_by_a_character_is_none(
    text: str, separator: str | None, fraction: int, suffix: str
) -> None:
    off = [text[:at] + other + text[at + 1 :] for at in range(len(text)) for other in "x/ " if other != text[at]]
    texts = pl.Series([text, *off, text[:-1], text + "0", "", None])
    micros, _ = instants(texts, separator, fraction, suffix)
    assert micros[0] != NO_INSTANT
    assert (micros[1:] == NO_INSTANT).all()


def test_dates_and_times_that_do_not_exist_are_none() -> None:
    times = ["2023-02-29T00:00:00", "2100-02-29T00:00:00", "2024-13-01T00:00:00", "2024-00-01T00:00:00"]
    times += ["2024-04-31T00:00:00", "2024-01-00T00:00:00", "0000-01-01T00:00:00", "2024-01-01T24:00:00"]
    times += ["2024-01-01T00:60:00", "2024-01-01T00:00:60"]
    assert (instants(pl.Series(times), "T", 0, "")[0] == NO_INSTANT).all()


def test_nanoseconds_are_told_apart_in_several_pieces() -> None:
    pieces = [pl.Series(["1970-01-01 00:00:00.000001002"]), pl.Series(["1969-12-31 23:59:59.999999999", None])]
    micros, finer = instants(pl.concat(pieces, rechunk=False), " ", 9, "")
    assert (micros.tolist(), finer.tolist()) == ([1, -1, NO_INSTANT], [2, 999, 0])
