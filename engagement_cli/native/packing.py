"""Keys of rows in a few bits of words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_NUMBERS = {
    np.int64: "packing_of_8",
    np.uint64: "packing_of_8",
    np.int32: "packing_of_4",
    np.uint32: "packing_of_unsigned_4",
    np.int8: "packing_of_1",
}
_PACK = {
    np.dtype(each): function(name, each, int, int, int, int, np.uint64, int, int) for each, name in _NUMBERS.items()
}


def pack(
    numbers: NDArray[np.integer[Any]], low: int, shift: int, packed: NDArray[np.uint64], word: int, *, first: bool
) -> None:
    """Put each number less the lowest, a number of int64 or uint64, `shift` bits up into a word of its row.

    `packed` is rows × words, in which those bits are zero, or all others of the word too when it is the `first`.
    """
    if len(numbers) != len(packed):
        raise ValueError("expected a number a row")
    if numbers.dtype not in _PACK:
        numbers = numbers.astype(np.int64)
    signed = (low + 2**63) % 2**64 - 2**63  # as C takes it
    column = np.ascontiguousarray(numbers)
    _PACK[column.dtype](column, len(column), signed, shift, int(first), packed, packed.shape[1], word)
