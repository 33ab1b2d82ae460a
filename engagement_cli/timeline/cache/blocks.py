"""Arrays as bytes and back: a list of their names, types and lengths in front, then one behind the other."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from engagement_cli.timeline.block import Array

_WORD = 8  # everything begins at a multiple of it, as wide numbers want to


class DamagedError(Exception):
    """What is there is not what was written."""


def to_bytes(arrays: Mapping[str, Array]) -> bytes:
    """One block, its numbers little-endian."""
    little = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("<")) for name, a in arrays.items()}
    header = json.dumps([[name, a.dtype.str, len(a)] for name, a in little.items()], separators=(",", ":")).encode()
    pieces = [header, *(array.tobytes() for array in little.values())]
    return len(header).to_bytes(_WORD, "little") + b"".join(piece + bytes(-len(piece) % _WORD) for piece in pieces)


def from_bytes(block: bytes) -> dict[str, Array]:
    """The arrays, which cannot be written to. Raises `DamagedError`."""
    try:
        end = _WORD + int.from_bytes(block[:_WORD], "little")
        arrays: dict[str, Array] = {}
        for name, code, length in json.loads(block[_WORD:end]):
            dtype = np.dtype(code)
            start = end + -end % _WORD
            end = start + dtype.itemsize * length
            arrays[name] = np.frombuffer(block, dtype, length, start).astype(dtype.newbyteorder("="), copy=False)
    except (ValueError, TypeError, OverflowError) as error:
        raise DamagedError("a block cannot be read") from error
    return arrays
