"""What the compiled library refuses to be called with, and that it is as new as its sources."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.library import function

WITHOUT = function("hashes_without", np.uint64, int, np.uint64, np.uint64)


def test_an_array_of_another_dtype_is_refused() -> None:
    numbers = np.arange(3, dtype=np.int64)
    with pytest.raises(TypeError, match="expected an array of uint64"):
        WITHOUT(numbers, 3, np.empty(3, np.uint64), np.empty(3, np.uint64))


def test_an_array_in_several_pieces_is_refused() -> None:
    numbers = np.arange(6, dtype=np.uint64)[::2]
    with pytest.raises(TypeError, match="in one piece"):
        WITHOUT(numbers, 3, np.empty(3, np.uint64), np.empty(3, np.uint64))


def test_a_call_with_too_few_arguments_is_refused() -> None:
    with pytest.raises(TypeError, match="takes 4 arguments, not 1"):
        WITHOUT(np.arange(3, dtype=np.uint64))


def test_an_array_that_may_not_be_written_to_is_read() -> None:
    numbers, found = np.arange(1, 4, dtype=np.uint64), np.empty(3, np.uint64)
    numbers.flags.writeable = False
    WITHOUT(numbers, 3, np.full(3, 2, np.uint64), found)
    assert found.tolist() == [1, 0, 3]
