"""Rows of the customer table that wait, packed, in memory or in a file: they come back as they were added."""

from __future__ import annotations

from datetime import date
from weakref import ref

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.customers.piece import Piece
from engagement_cli.customers.pieces import Pieces
from engagement_cli.customers.rows import CustomerRows
from engagement_cli.timeline.packing import joined, packed, packed_texts, unpacked

INTEGERS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-130, 130)
FRAMES = st.lists(st.tuples(INTEGERS, st.none() | st.text(max_size=3), st.none() | st.booleans()), max_size=8)
SCHEMA = {"number": pl.Int64, "text": pl.String, "flag": pl.Boolean}


def frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@given(FRAMES)
def test_what_is_packed_comes_back(rows: list[tuple[object, ...]]) -> None:
    whole = frame(rows)
    assert unpacked(packed(whole), whole.schema).equals(whole)
    assert unpacked(packed_texts(whole), whole.schema).equals(whole)


@given(st.lists(FRAMES, min_size=1, max_size=4))
def test_packed_frames_are_joined(parts: list[list[tuple[object, ...]]]) -> None:
    frames = [frame(rows) for rows in parts]
    assert unpacked(joined([packed(each) for each in frames]), frames[0].schema).equals(pl.concat(frames))


def test_small_numbers_and_repeated_texts_take_a_byte() -> None:
    whole = pl.DataFrame({"count": [1, 2, 127, None] * 100, "rung": ["low", "high", None, "low"] * 100})
    assert packed(whole).schema["count"] == pl.Int8
    assert packed(whole)["rung"].to_physical().dtype == pl.UInt8


def test_what_no_code_or_smaller_number_holds_stays() -> None:
    ids = pl.DataFrame({"id": [f"id{i}" for i in range(2000)], "tick": [2**40 + i for i in range(2000)]})
    late = pl.DataFrame({"id": ["same"] * 1000 + [f"id{i}" for i in range(1000)]})
    assert packed(ids).schema == ids.schema
    assert packed(late).schema == late.schema


def test_texts_that_are_few_in_one_part_alone_are_joined_as_texts() -> None:
    few, many = pl.DataFrame({"id": ["a", None]}), pl.DataFrame({"id": [f"id{i}" for i in range(500)]})
    assert joined([packed(few), packed(many)]).equals(pl.concat([few, many]))


@pytest.mark.parametrize("allowed", [None, 0, 60])
@pytest.mark.parametrize("rows", [1, 7, 10_000])
def test_pieces_hold_all_rows_in_order(rows: int, allowed: int | None) -> None:
    parts = [
        pl.DataFrame({"n": [i, i * 1000], "text": ["x", str(i)], "day": [date(2025, 1, 1), None]}) for i in range(9)
    ]
    pieces = Pieces(rows, allowed)
    for part in parts:
        pieces.add(CustomerRows.of_frame(part))
    for _ in range(3):
        found = [piece.frame(piece.columns) for piece in pieces]
        assert pl.concat(found).equals(pl.concat(parts))
        assert all(piece.height >= min(rows, 18) for piece in found[:-1])
    assert len(found) == {1: 9, 7: 3, 10_000: 1}[rows]
    pieces.close()


def test_rows_that_are_packed_later_need_not_be_of_one_packed_type() -> None:
    pieces = Pieces(rows=2)
    for number in (1, 2**40, None):
        pieces.add(CustomerRows.of_frame(pl.DataFrame({"n": [number] * 2}, schema={"n": pl.Int64})))
    assert [piece["n"].to_list() for piece in pieces] == [[1, 1], [2**40] * 2, [None, None]]
    assert {piece["n"].dtype for piece in pieces} == {pl.Int64()}


def test_without_rows_there_is_one_empty_piece() -> None:
    pieces = Pieces()
    for _ in range(2):
        pieces.add(CustomerRows.of_frame(pl.DataFrame(schema=SCHEMA)))
    (piece,) = pieces
    assert piece.frame(piece.columns).schema == SCHEMA
    assert not piece.height


def test_a_column_of_a_piece_is_made_once_of_others_and_hides_one_of_its_name() -> None:
    made: list[str] = []

    def double() -> pl.Series:
        made.append("double")
        return piece["n"] * 2

    piece = Piece(2, {"n": lambda: pl.Series([1, 2]), "text": lambda: pl.Series(["a", "b"])})
    own = piece.maker("text")
    piece.define({"double": double, "text": lambda: own() + "!"})
    assert not made
    assert piece.frame(["double", "text"]).rows() == [(2, "a!"), (4, "b!")]
    assert piece["double"].to_list() == [2, 4]
    assert made == ["double"]
    assert piece.columns == ["n", "text", "double"]
    assert "other" not in piece


def test_a_piece_that_is_forgotten_keeps_no_column_in_memory() -> None:
    piece = Piece(1, {"n": lambda: pl.Series([1])})
    piece.define({"double": lambda: piece["n"] * 2})
    column = ref(piece["double"])
    piece.forget()
    assert column() is None
    assert not piece.columns
