"""Segments in the order of their values: bands from low to top, ranges from small to large."""

from __future__ import annotations

import polars as pl

from engagement_cli.settings.model import Settings
from engagement_cli.timeline.segment_order import in_order, natural_orders, ranked
from engagement_cli.timeline.segments import SegmentColumn

ORDERS = {"band": ("low", "high"), "size": ("<10", "10-100", ">=100")}


def test_everybody_first_then_by_rank_and_the_missing_last() -> None:
    texts = ["band=high", "band=(none)", "", "band=low", "band=odd"]
    assert ranked(texts, ORDERS) == ["", "band=low", "band=high", "band=odd", "band=(none)"]


def test_part_by_part_and_by_text_where_there_is_no_order() -> None:
    texts = ["plan=pro;size=10-100", "plan=free;size=>=100", "plan=pro;size=<10", "plan=free;size=<10"]
    assert ranked(texts, ORDERS) == [
        "plan=free;size=<10",
        "plan=free;size=>=100",
        "plan=pro;size=<10",
        "plan=pro;size=10-100",
    ]


def test_equal_values_of_different_segments_never_tie() -> None:
    texts = ["country=(none)", "channel=(none)"]
    assert ranked(texts, ORDERS) == ranked(texts[::-1], ORDERS) == ["channel=(none)", "country=(none)"]


def test_rows_stay_as_they_are_within_a_segment() -> None:
    table = pl.DataFrame({"segments": ["band=high", "", "band=low", "band=high"], "x": [1, 2, 3, 4]})
    assert in_order(table, ORDERS).rows() == [("", 2), ("band=low", 3), ("band=high", 1), ("band=high", 4)]
    assert in_order(table, {}).equals(table)


def test_orders_come_from_the_configuration() -> None:
    settings = Settings.model_validate({"score": {"bands": {"cold": 0, "hot": 50}}})
    segments = {
        "band": SegmentColumn("band", "profiles", "band"),
        "size": SegmentColumn("size", "customers", "seats", (10.0, 100.0)),
        "plan": SegmentColumn("plan", "subscriptions", "plan"),
    }
    assert natural_orders(segments, settings) == {"band": ("cold", "hot"), "size": ("<10", "10-100", ">=100")}
