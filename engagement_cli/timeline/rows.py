"""Event rows as columns, and some of them: gathered column by column, and only those columns that are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engagement_cli.timeline.kinds import Mask

T = TypeVar("T")
S = TypeVar("S", bound=np.generic)
Positions = NDArray[np.int64]
_NOTHING: Mapping[str, NDArray[np.generic]] = MappingProxyType({})
_FEW = 2048


class Rows:
    """Event rows sorted by (customer, time, kind): codes (uint32), ticks since 1970 UTC (int64), kind codes (uint32).

    Valued rows besides have fixed-point `numbers` (int64, value × 10⁶, `NO_NUMBER` for null) and hashed `things`
    (uint64, 0 for null) by column name. In anonymous rows every customer code is 0 and means nobody.
    """

    def __init__(
        self,
        customer: NDArray[np.uint32],
        time: NDArray[np.int64],
        kind: NDArray[np.uint32],
        numbers: Mapping[str, NDArray[np.int64]] | None = None,
        things: Mapping[str, NDArray[np.uint64]] | None = None,
    ) -> None:
        given = {"customer": customer, "time": time, "kind": kind, "numbers": numbers or {}, "things": things or {}}
        self.__dict__.update(given)
        self._source: Rows | None = None  # not itself: a cycle would outlive the bucket
        self._at: Positions | None = None
        self._length = len(time)
        self._shared: dict[object, object] = {}

    @cached_property
    def customer(self) -> NDArray[np.uint32]:
        """Each row's customer code."""
        return self._taken_from.customer[self._at]

    @cached_property
    def time(self) -> NDArray[np.int64]:
        """Each row's instant, in ticks."""
        return self._taken_from.time[self._at]

    @cached_property
    def kind(self) -> NDArray[np.uint32]:
        """Each row's kind code."""
        return self._taken_from.kind[self._at]

    @cached_property
    def numbers(self) -> Mapping[str, NDArray[np.int64]]:
        """Fixed-point numbers by column name."""
        return _Gathered(self._taken_from.numbers, cast(Positions, self._at))

    @cached_property
    def things(self) -> Mapping[str, NDArray[np.uint64]]:
        """Hashed things by column name."""
        return _Gathered(self._taken_from.things, cast(Positions, self._at))

    @property
    def _taken_from(self) -> Rows:
        return self if self._source is None else self._source

    def __len__(self) -> int:
        """How many rows there are."""
        return self._length

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """What several metrics work out of these rows, once."""
        if key not in self._shared:
            self._shared[key] = make()
        return cast(T, self._shared[key])

    def forget(self) -> None:
        """Let go of what was worked out, of which some refers to these rows and would keep them in memory."""
        self._shared.clear()

    def take(self, which: Mask | Positions | slice) -> Rows:
        """Some of the rows, in the same order."""
        if isinstance(which, slice):
            return self._slice(which) if self._at is None else self._at_places(self._at[which])
        at = np.flatnonzero(which) if which.dtype == np.bool_ else which.astype(np.int64, copy=False)
        return self._at_places(at if self._at is None else self._at[at])

    def _slice(self, which: slice) -> Rows:
        """Views, which cost nothing."""
        columns = (self.customer[which], self.time[which], self.kind[which])
        numbers = {name: column[which] for name, column in self.numbers.items()}
        return Rows(*columns, numbers, {name: column[which] for name, column in self.things.items()})

    def _at_places(self, at: Positions) -> Rows:
        """Rows of the source."""
        found = Rows.__new__(Rows)
        found._source = self if self._source is None else self._source
        found._at = at
        found._length = len(at)
        found._shared = {}
        return found

    def replaced(
        self,
        *,
        customer: NDArray[np.uint32] | None = None,
        kind: NDArray[np.uint32] | None = None,
        numbers: Mapping[str, NDArray[np.int64]] | None = None,
        things: Mapping[str, NDArray[np.uint64]] | None = None,
    ) -> Rows:
        """The same rows with other columns in place of some."""
        return Rows(
            self.customer if customer is None else customer,
            self.time,
            self.kind if kind is None else kind,
            self.numbers if numbers is None else numbers,
            self.things if things is None else things,
        )

    def of_kinds(self, mask: Mask) -> Rows:
        """The rows whose kind is in a mask of kinds; these very rows where that is all of them."""
        if mask.all():
            return self
        return self.shared(("of kinds", mask.tobytes()), lambda: self._of_kinds(mask))

    def _of_kinds(self, mask: Mask) -> Rows:
        if len(self) < _FEW:
            return self.take(mask[self.kind])
        order, ends = self._by_kind
        sizes, mask = np.diff(ends, prepend=0), mask[: len(ends)]  # the kinds behind occur on no row
        few = int(sizes[mask].sum())
        if few == len(self):
            return self
        if few * 4 > len(self):
            return self.take(mask[self.kind])
        if not few:
            return self.take(np.empty(0, np.int64))
        at = np.concatenate([order[ends[k] - sizes[k] : ends[k]] for k in np.flatnonzero(mask).tolist()])
        if np.count_nonzero(mask) > 1:
            at.sort()
        return self.take(at)

    @cached_property
    def _by_kind(self) -> tuple[Positions, Positions]:
        """Positions by kind, and where each kind's end: a rare kind's rows are found without looking at all."""
        kind = self.kind
        kinds = int(kind.max()) + 1
        narrow = kind.astype(np.uint16) if kinds <= 1 << 16 else kind
        return np.argsort(narrow, kind="stable"), np.cumsum(np.bincount(kind, minlength=kinds))

    def period(self, key: object, index: Callable[[NDArray[np.int64]], NDArray[np.int32]]) -> NDArray[np.int32]:
        """Each row's period by a grain; rows taken from others ask those, which work it out once."""
        key = ("period", key)
        if self._at is None or key in self._shared:
            return self.shared(key, lambda: index(self.time))
        return self.shared(key, lambda: self._taken_from.period(key[1], index)[self._at])


class _Gathered(Mapping[str, NDArray[S]]):
    """Columns at some positions, each gathered when it is first read."""

    def __init__(self, columns: Mapping[str, NDArray[S]], at: Positions) -> None:
        self._columns, self._at = columns, at
        self._found: dict[str, NDArray[S]] = {}

    def __getitem__(self, name: str) -> NDArray[S]:
        """A column."""
        if name not in self._found:
            self._found[name] = self._columns[name][self._at]
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """The columns' names."""
        return iter(self._columns)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._columns)
