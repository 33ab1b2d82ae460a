"""A sample has the first rows of a file, however these are written."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.sources.headers import read_header
from engagement_cli.sources.sampling import ROWS_A_FILE, sample

_ROWS = ROWS_A_FILE + 5


def _plain(row: int) -> str:
    return f"c{row},{row}"


def _over_lines(row: int) -> str:
    return f'"c\n{row}",{row}'


def _with_blanks(row: int) -> str:
    return "" if row % 100 == 7 else _plain(row)


@pytest.mark.parametrize("write", [_plain, _over_lines, _with_blanks])
@pytest.mark.parametrize("packed", [False, True])
def test_a_sample_has_the_first_rows(tmp_path: Path, write: Callable[[int], str], packed: bool) -> None:
    text = "customer,n\n" + "\n".join(map(write, range(_ROWS))) + "\n"
    file = tmp_path / ("x.csv.gz" if packed else "x.csv")
    file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    whole = pl.read_csv(text.encode(), infer_schema=False)
    assert whole.height == _ROWS
    assert sample([read_header(file, "events")]).equals(whole.head(ROWS_A_FILE))
