"""Hashes and codes of kinds, beside plain Python."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from engagement_cli.native.hashes import UNKNOWN, hash_table
from engagement_cli.native.kinds import Marked

RANDOM = np.random.default_rng(5)
NUMBERS = np.array([-5, 3, 2**62])
EMPTY = hash_table(np.empty(0, np.uint64), np.empty(0, np.uint32))


@pytest.mark.parametrize("rows", [0, 1, 57, 3000])
@pytest.mark.parametrize("texts", [1, 2])
@pytest.mark.parametrize("skipped", [0, 5])
def test_rows_are_hashed_by_texts_flags_and_whether_they_are_of_nobody(rows: int, texts: int, skipped: int) -> None:
    columns = [RANDOM.integers(0, 2**64, rows, np.uint64) for _ in range(texts)]
    customer = RANDOM.integers(0, 2, rows).astype(np.uint64)
    flags = [
        pl.Series([(None, False, True)[i] for i in RANDOM.integers(0, 3, rows + skipped)], dtype=pl.Boolean)[skipped:]
        for _ in range(2)
    ]
    marked = Marked(columns, customer, flags)
    expected = []
    for row in range(rows):
        hash_ = int(columns[0][row])
        for text in columns[1:]:
            hash_ = hash_ * 0x9E3779B97F4A7C15 % 2**64 ^ int(text[row])
        for number, there in zip(NUMBERS.tolist(), (customer[row] == 0, flags[0][row], flags[1][row]), strict=True):
            hash_ ^= number % 2**64 if there else 0
        expected.append(hash_)
    assert marked.hashes(EMPTY, NUMBERS).tolist() == expected
    known = {each: code for code, each in enumerate(dict.fromkeys(expected[::2]))}
    table = hash_table(np.array(list(known), np.uint64), np.array(list(known.values()), np.uint32))
    codes, unknown = marked.codes(table, NUMBERS)
    assert codes.tolist() == [known.get(each, UNKNOWN) for each in expected]
    assert unknown == sum(each not in known for each in expected)
