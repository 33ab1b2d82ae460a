"""The compiled library: its functions, called with arrays and whole numbers."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

Argument = NDArray[np.generic] | int
_HERE = Path(__file__).resolve().parent


def function(name: str, *kinds: DTypeLike | type[int]) -> Callable[..., int]:
    """A function of the library that takes, in order, arrays of these dtypes and whole numbers (`int`).

    It gives an int64. What calls it gets TypeError for an array of another dtype or in several pieces, and MemoryError
    where the function found no room.
    """
    entry = getattr(_LIBRARY, name)
    entry.restype = ctypes.c_int64
    entry.argtypes = [ctypes.c_int64 if kind is int else ctypes.c_void_p for kind in kinds]
    arrays = [(place, np.dtype(kind)) for place, kind in enumerate(kinds) if kind is not int]
    numbers = [place for place, kind in enumerate(kinds) if kind is int]

    def call(*given: Argument) -> int:
        passed: list[Any] = [*given]
        if len(passed) != len(kinds):
            raise TypeError(f"{name} takes {len(kinds)} arguments, not {len(passed)}")
        for place, dtype in arrays:
            value = passed[place]
            if not isinstance(value, np.ndarray) or value.dtype != dtype:
                raise TypeError(f"{name}: expected an array of {dtype}, got {value!r}")
            passed[place] = _memory(value) if value.flags.carray else _read_only(name, value)
        for place in numbers:
            if type(passed[place]) is not int:
                passed[place] = int(passed[place])
        found: int = entry(*passed)
        if found == NO_ROOM:
            raise MemoryError(name)
        return found

    return call


NO_ROOM = -(2**63)
# A quarter of the time of `ndarray.ctypes`, some thousand times a bucket; for what may be written to.
_memory = cast("Callable[[NDArray[np.generic]], Any]", (ctypes.c_char * 0).from_buffer)


def _read_only(name: str, value: NDArray[np.generic]) -> int:
    if not value.flags.c_contiguous:
        raise TypeError(f"{name}: expected an array in one piece, got {value!r}")
    return value.ctypes.data


def _load() -> ctypes.CDLL:
    for suffix in EXTENSION_SUFFIXES:
        if (file := _HERE / f"loops{suffix}").is_file():
            return ctypes.CDLL(str(file))
    raise ImportError(f"the compiled part of engagement-cli is missing in {_HERE}: install the package with pip")


_LIBRARY = _load()
