"""Columns where they lie, by Arrow's C interface: NumPy has to copy what holds nulls.

https://arrow.apache.org/docs/format/CDataInterface.html
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.library import function

Rows = NDArray[np.uint32]
_list = function("arrow_filled", int, int, int, np.uint32, np.uint64)
_put = function("arrow_put", np.uint64, np.uint32, int, np.uint64)
_VIEWS = b"vu"
_NO_NUMBERS = np.empty(0, np.uint64)


class _Array(ctypes.Structure):
    pass


class _Schema(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_Release = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
_ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
_Look = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))
_Next = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))
_Array._fields_ = [
    *((name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")),
    *((name, ctypes.c_void_p) for name in ("buffers", "children", "dictionary")),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]
_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    *((name, ctypes.c_void_p) for name in ("name", "metadata")),
    *((name, ctypes.c_int64) for name in ("flags", "n_children")),
    *((name, ctypes.c_void_p) for name in ("children", "dictionary")),
    ("release", _ReleaseSchema),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", _Look),
    ("get_next", _Next),
    *((name, ctypes.c_void_p) for name in ("get_last_error", "release", "private_data")),
]
_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype, _new_capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
_SCHEMA, _ARRAY, _NULLABLE = b"arrow_schema", b"arrow_array", 2  # names stay as long as the capsules


def _forget(schema: Any) -> None:
    schema.contents.release = _ReleaseSchema()


_forgotten = _ReleaseSchema(_forget)


class Cells:
    """A piece of a column; what it holds stays in memory as long as this does."""

    def __init__(self, array: _Array) -> None:
        self._array = array
        self.address = ctypes.addressof(array)

    def __len__(self) -> int:
        """How many there are."""
        return int(self._array.length)

    def __del__(self) -> None:
        """Let go of the memory."""
        if self._array.release:
            self._array.release(ctypes.byref(self._array))


def pieces_of(column: pl.Series) -> list[Cells]:
    """The pieces in which a column lies in memory."""
    capsule = column.__arrow_c_stream__(None)
    return _pieces(_stream_in(capsule))


def texts_of(column: pl.Series) -> list[Cells]:
    """The pieces of a column of texts, as views of them."""
    capsule = column.__arrow_c_stream__(None)
    stream, schema = _stream_in(capsule), _Schema()
    if stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)):
        raise MemoryError(f"column {column.name!r}")
    layout = schema.format
    schema.release(ctypes.byref(schema))
    if layout != _VIEWS:
        raise TypeError(f"expected texts as views, got {layout!r}")
    return _pieces(stream)


def _stream_in(capsule: object) -> _Stream:
    return _Stream.from_address(_pointer(capsule, b"arrow_array_stream"))


def _pieces(stream: _Stream) -> list[Cells]:
    found: list[Cells] = []
    while True:
        array = _Array()
        if stream.get_next(ctypes.byref(stream), ctypes.byref(array)):
            raise MemoryError("pieces of a column")
        if not array.release:
            return found
        found.append(Cells(array))


def filled_rows(column: pl.Series) -> Rows:
    """The rows whose cells are not null."""
    return _filled(column, _NO_NUMBERS)


def filled_numbers(column: pl.Series) -> tuple[Rows, NDArray[np.float64]]:
    """The rows of a column of Float64 that are not null, and their numbers."""
    numbers = np.empty(len(column) - column.null_count(), np.uint64)
    return _filled(column, numbers), numbers.view(np.float64)


def in_rows(values: NDArray[np.uint64], rows: Rows, count: int, nothing: np.uint64) -> NDArray[np.uint64]:
    """Values of some of so many rows, and `nothing` in the others."""
    found = np.full(count, nothing)
    _put(values, rows, len(rows), found)
    return found


def _filled(column: pl.Series, numbers: NDArray[np.uint64]) -> Rows:
    rows, before, count = np.empty(len(column) - column.null_count(), np.uint32), 0, 0
    for piece in pieces_of(column) if len(rows) else ():
        count += _list(piece.address, before, int(len(numbers) > 0), rows[count:], numbers[count:])
        before += len(piece)
    return rows


def no_cells() -> _Array:
    """What a function of the library may fill in with cells that it gives away."""
    return _Array()


def handed_over(array: _Array, layout: bytes) -> pl.Series:
    """Cells that the library gave away, as a column; `layout` is what Arrow calls the type's format."""
    return pl.Series(_Handed(array, layout))


class _Handed:
    """A column in the hands of whoever takes it; else its memory goes with it."""

    def __init__(self, array: _Array, layout: bytes) -> None:
        self._cells = Cells(array)
        self._name = ctypes.create_string_buffer(b"")
        self._schema = _Schema(format=layout, flags=_NULLABLE, release=_forgotten)
        self._schema.name = ctypes.addressof(self._name)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """What Arrow's interface for Python asks for."""
        schema = _new_capsule(ctypes.addressof(self._schema), _SCHEMA, None)
        return schema, _new_capsule(self._cells.address, _ARRAY, None)
