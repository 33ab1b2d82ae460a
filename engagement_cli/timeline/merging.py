"""Parts of a state's table become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Whole, narrowest
from engagement_cli.kernels.cells import Groups, grouped
from engagement_cli.kernels.layout import Layout, laid_out
from engagement_cli.native.merging import union
from engagement_cli.records import replace
from engagement_cli.timeline.cells import Cells, Texts

Merge = Literal["sum", "min", "max"]
_REDUCED = {"sum": Groups.sum, "min": Groups.minimum, "max": Groups.maximum}
MANY = 4096  # rows of a part that is merged with one other at a time, as sorted lists are


def merged(parts: list[Cells], how: Sequence[Merge]) -> Cells:
    """Parts of one table, at least one, whose values merge so.

    The list is used up, so that no more than two parts of many rows are in memory twice.
    """
    if len(parts) == 1:
        return parts[0]
    texts = tuple(map(_common, zip(*(part.texts for part in parts), strict=True)))
    layout = _layout(parts, texts)
    few = [part for part in parts if len(part) <= MANY]
    parts[:] = [part for part in parts if len(part) > MANY]
    if few:
        parts.append(_grouped([part.laid_out(layout, texts) for part in few], layout, how))
    while len(parts) > 1:
        parts.sort(key=len, reverse=True)
        parts.append(_united(parts.pop().laid_out(layout, texts), parts.pop().laid_out(layout, texts), how))
    return parts[0]


def _common(texts: Sequence[Texts | None]) -> Texts | None:
    """The texts of a key in all parts; None: it has none."""
    first = texts[0]
    if first is None or all(each == first for each in texts):
        return first
    known = {text for each in texts for text in each or ()}
    return (*((None,) if None in known else ()), *sorted(text for text in known if text is not None))


def _layout(parts: Sequence[Cells], texts: Sequence[Texts | None]) -> Layout:
    ranges = Layout.over([part.layout for part in parts]).ranges
    return laid_out(
        tuple(each if known is None else (0, max(len(known) - 1, 0)) for each, known in zip(ranges, texts, strict=True))
    )


def reduced(groups: Groups, how: Merge, values: Whole) -> Whole:
    """What the values of each group merge to."""
    return _REDUCED[how](groups, values)


def _grouped(parts: Sequence[Cells], layout: Layout, how: Sequence[Merge]) -> Cells:
    """Parts of few rows and one layout, all at once."""
    groups = grouped(np.concatenate([part.packed for part in parts]), layout)
    values = [np.concatenate([part.values[i] for part in parts]) for i in range(len(how))]
    found = tuple(reduced(groups, *each) for each in zip(how, values, strict=True))
    return replace(parts[0], packed=groups.keys, values=found)


def _united(left: Cells, right: Cells, how: Sequence[Merge]) -> Cells:
    """Two parts of one layout."""
    packed, of_left, of_right = union(left.packed, right.packed)
    values = tuple(
        _placed(each, len(packed), (of_left, a), (of_right, b))
        for each, a, b in zip(how, left.values, right.values, strict=True)
    )
    return replace(left, packed=packed, values=values)


def _placed(how: Merge, rows: int, *sides: tuple[NDArray[np.uint32], Whole]) -> Whole:
    """Values of two parts at their places among so many rows, merged where both have one."""
    (of_left, left), (of_right, right) = sides
    if how == "sum":
        bounds = [(min(int(value.min()), 0), max(int(value.max()), 0)) for value in (left, right)]
        sums = np.zeros(rows, narrowest(*map(sum, zip(*bounds, strict=True))))
        sums[of_left] = left
        sums[of_right] += right.astype(sums.dtype, copy=False)
        return sums
    choose, none = (np.minimum, LARGEST) if how == "min" else (np.maximum, -LARGEST - 1)
    extremes = np.full(rows, none, np.int64)
    extremes[of_left] = left
    extremes[of_right] = choose(extremes[of_right], right)
    return extremes
