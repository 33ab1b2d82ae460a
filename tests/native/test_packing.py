"""Numbers packed into words, of every width."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.packing import pack


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("words", [1, 2])
def test_numbers_of_all_widths_are_packed(dtype: type[np.integer], words: int) -> None:
    bounds = np.iinfo(dtype)
    numbers = np.array([bounds.min, bounds.min + 5, bounds.min + 3, bounds.min, bounds.min + 1], dtype)[::2]
    packed = np.full((len(numbers), words), 2**63, np.uint64)
    pack(numbers, int(bounds.min), 4, packed, words - 1, first=True)
    pack(np.array([1, 2, 15]), 0, 0, packed, words - 1, first=False)
    assert packed[:, -1].tolist() == [1, 3 << 4 | 2, 1 << 4 | 15]
    assert packed[:, :-1].tolist() == [[2**63] * (words - 1)] * len(numbers)


def test_a_number_a_row_is_expected() -> None:
    with pytest.raises(ValueError, match="a number a row"):
        pack(np.zeros(2, np.int64), 0, 0, np.zeros((1, 1), np.uint64), 0, first=True)
