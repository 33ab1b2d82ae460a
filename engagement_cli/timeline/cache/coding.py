"""A part as blocks of bytes and back: few bytes a row, each number as narrow as it can be.

Rows of customers stand in the order of their customers, so that how many each has says whose they are. Of numbers and
things only those are kept that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engagement_cli.timeline.block import Array
from engagement_cli.timeline.cache.blocks import DamagedError, from_bytes, to_bytes
from engagement_cli.timeline.lot import Codes, Lot, Ticks
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part, Sheet
from engagement_cli.timeline.rows import NO_NUMBER, Rows
from engagement_cli.timeline.scale import Scale, narrowest, scale_of

Arrays = Mapping[str, Array]
T = TypeVar("T", bound=np.generic)


def encode(part: Part) -> dict[str, bytes]:
    """The blocks `rows`, `valued` and `identities` of a part, the last two where it has them."""
    sheets = {"rows": part.rows} if part.valued is None else {"rows": part.rows, "valued": part.valued}
    blocks = {name: _of_sheet(sheet, len(part.hashes)) for name, sheet in sheets.items()}
    blocks["rows"] |= {"hashes": part.hashes, "duplicates": np.array([part.duplicates], np.int64)}
    identities: dict[str, Array] = {}
    for name, sheet in sheets.items():
        for whose, lot in (("known", sheet.known), ("nobody", sheet.nobody)):
            identities |= {} if lot.identity is None else {f"{name}.{whose}": lot.identity}
    if identities:
        blocks["identities"] = identities
    return {name: to_bytes(arrays) for name, arrays in blocks.items()}


def _of_sheet(sheet: Sheet, customers: int) -> dict[str, Array]:
    counts = np.bincount(sheet.known.rows.customer, minlength=customers).astype(np.uint64)
    return {"counts": narrowest(counts), **_of_rows("known", sheet.known.rows), **_of_rows("nobody", sheet.nobody.rows)}


def _of_rows(whose: str, rows: Rows) -> dict[str, Array]:
    arrays: dict[str, Array] = {**_of_whole(f"{whose}.time", rows.time), f"{whose}.kind": narrowest(rows.kind)}
    for i, number in enumerate(rows.numbers.values()):
        there = number != NO_NUMBER
        arrays |= {f"{whose}.n{i}.there": np.packbits(there), **_of_whole(f"{whose}.n{i}", number[there])}
    for i, thing in enumerate(rows.things.values()):
        there = thing != 0
        arrays |= {f"{whose}.x{i}.there": np.packbits(there), f"{whose}.x{i}": thing[there]}
    return arrays


def _of_whole(name: str, numbers: Ticks) -> dict[str, Array]:
    scale = scale_of(numbers)
    return {f"{name}.scale": np.array([scale.first, scale.unit], np.int64), name: narrowest(scale.shortened(numbers))}


def decode(blocks: Mapping[str, bytes], demand: Demand) -> Part:
    """The part of its blocks, read for a demand; without valued rows and identities where these are not given.

    Raises `DamagedError` where they do not fit together.
    """
    arrays = {name: from_bytes(block) for name, block in blocks.items()}
    try:
        rows = _sheet("rows", arrays, (), ())
        valued = _sheet("valued", arrays, demand.numbers, demand.things) if "valued" in arrays else None
        duplicates = int(_typed(arrays["rows"]["duplicates"], np.int64)[0])
        return Part(_typed(arrays["rows"]["hashes"], np.uint64), rows, valued, duplicates)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise DamagedError("blocks do not fit together") from error


def _sheet(name: str, blocks: Mapping[str, Arrays], numbers: tuple[str, ...], things: tuple[str, ...]) -> Sheet:
    arrays = blocks[name]
    counts = _unsigned(arrays["counts"]).astype(np.int64)
    customers = {
        "known": np.repeat(np.arange(len(counts), dtype=np.uint32), counts),
        "nobody": np.zeros(len(arrays["nobody.kind"]), np.uint32),
    }
    lots = []
    for whose, customer in customers.items():
        identity = None
        if "identities" in blocks:
            identity = _as_long(_typed(blocks["identities"][f"{name}.{whose}"], np.uint64), customer)
        lots.append(Lot(_rows(whose, arrays, customer, numbers, things), identity))
    return Sheet(*lots)


def _rows(whose: str, arrays: Arrays, customer: Codes, numbers: tuple[str, ...], things: tuple[str, ...]) -> Rows:
    def spread_out(name: str, values: NDArray[T], null: int) -> NDArray[T]:
        there = np.unpackbits(_typed(arrays[f"{name}.there"], np.uint8), count=len(customer)).view(np.bool_)
        column = np.full(len(customer), null, values.dtype)
        column[there] = values
        return column

    of_numbers = {n: f"{whose}.n{i}" for i, n in enumerate(numbers)}
    of_things = {x: f"{whose}.x{i}" for i, x in enumerate(things)}
    return Rows(
        customer,
        _as_long(_whole(f"{whose}.time", arrays), customer),
        _as_long(_unsigned(arrays[f"{whose}.kind"]).astype(np.uint32), customer),
        {n: spread_out(name, _whole(name, arrays), NO_NUMBER) for n, name in of_numbers.items()},
        {x: spread_out(name, _typed(arrays[name], np.uint64), 0) for x, name in of_things.items()},
    )


def _whole(name: str, arrays: Arrays) -> Ticks:
    first, unit = _typed(arrays[f"{name}.scale"], np.int64).tolist()
    return Scale(first, unit).restored(_unsigned(arrays[name]))


def _as_long(column: NDArray[T], other: Codes) -> NDArray[T]:
    if len(column) != len(other):
        raise ValueError("columns of several lengths")
    return column


def _typed(array: Array, dtype: type[T]) -> NDArray[T]:
    if array.dtype != dtype:
        raise ValueError(f"{array.dtype} instead of {dtype}")
    return cast("NDArray[T]", array)


def _unsigned(array: Array) -> NDArray[np.unsignedinteger]:
    if array.dtype.kind != "u":
        raise ValueError(f"{array.dtype} instead of whole numbers")
    return cast("NDArray[np.unsignedinteger]", array)
