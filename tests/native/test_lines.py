"""Lines beside Python's own reader of CSV."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.lines import lines_regular

CELLS = st.text(alphabet='ab,"é\r', max_size=4).filter(lambda cell: "\r" not in cell)


@settings(max_examples=100)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_quotes_is_regular_where_all_rows_are_of_one_width(rows: list[list[str]], ends: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=ends).writerows(rows)
    expected = all(len(row) == 3 for row in rows)
    assert lines_regular(text.getvalue().encode(), b",", 3) == expected


@pytest.mark.parametrize(
    ("text", "regular"),
    [
        ("a;b\n", True),
        ("\n\r\na;b\n", True),
        ("a;\n", True),
        (";\r\n", True),
        ('"a;b";c\n', True),
        ('"a""b";"c"\r\n', True),
        ('"";""\n', True),
        ("a\n", False),
        ("a;b;c\n", False),
        ('a;b"c\n', False),
        ('"a"b;c\n', False),
        ('"a;b\nc";d\n', False),
        ('"a\n', False),
        (" \n", False),
    ],
)
def test_lines_with_other_cells_or_stray_quotes_are_not(text: str, regular: bool) -> None:
    assert lines_regular(text.encode(), b";", 2) is regular


def test_half_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="whole lines"):
        lines_regular(b"a;b", b";", 2)
