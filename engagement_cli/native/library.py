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
    dtypes = [None if kind is int else np.dtype(kind) for kind in kinds]

    def call(*given: Argument) -> int:
        found: int = entry(*[_passed(name, value, dtype) for value, dtype in zip(given, dtypes, strict=True)])
        if found == NO_ROOM:
            raise MemoryError(name)
        return found

    return call


NO_ROOM = -(2**63)


def _passed(name: str, value: Argument, dtype: np.dtype[np.generic] | None) -> int:
    if dtype is None:
        return int(value)
    if not isinstance(value, np.ndarray) or value.dtype != dtype or not (flags := value.flags).c_contiguous:
        raise TypeError(f"{name}: expected an array of {dtype} in one piece, got {value!r}")
    if flags.writeable and value.size:  # a third of the time of `ctypes.data`, some thousand times a bucket
        return ctypes.addressof(ctypes.c_char.from_buffer(cast("Any", value)))
    return value.ctypes.data


def _load() -> ctypes.CDLL:
    for suffix in EXTENSION_SUFFIXES:
        if (file := _HERE / f"loops{suffix}").is_file():
            return ctypes.CDLL(str(file))
    raise ImportError(f"the compiled part of engagement-cli is missing in {_HERE}: install the package with pip")


_LIBRARY = _load()
