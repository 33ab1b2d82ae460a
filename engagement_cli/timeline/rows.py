"""Event rows as columns, and some of them: gathered column by column, and only those columns that are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native import rows as native
from engagement_cli.timeline.kinds import Mask

T = TypeVar("T")
S = TypeVar("S", bound=np.generic)
Positions = NDArray[np.integer[Any]]
NO_NUMBER = np.iinfo(np.int64).min  # a null among fixed-point numbers, and among times before rows are kept
NO_THING = 0
_NOTHING: Mapping[str, NDArray[np.generic]] = MappingProxyType({})
_FEW = 2048
_RARE = 8  # one row in so many: to sort their kinds' positions, or find their periods, is faster than to ask all rows
_ITSELF = object()  # instead of the rows: a cycle would outlive the bucket
_FIRST, _LAST = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)


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
        self._at: native.Positions | None = None
        self._among: tuple[int, int] | None = None  # most of the source's rows, by time
        self._length = len(time)
        self._shared: dict[object, object] = {}

    @cached_property
    def customer(self) -> NDArray[np.uint32]:
        """Each row's customer code."""
        return self._gathered(self._taken_from.customer)

    @cached_property
    def time(self) -> NDArray[np.int64]:
        """Each row's instant, in ticks."""
        return self._gathered(self._taken_from.time)

    @cached_property
    def kind(self) -> NDArray[np.uint32]:
        """Each row's kind code."""
        return self._gathered(self._taken_from.kind)

    @cached_property
    def numbers(self) -> Mapping[str, NDArray[np.int64]]:
        """Fixed-point numbers by column name."""
        return _Gathered(self._taken_from.numbers, cast(native.Positions, self._at))

    @cached_property
    def things(self) -> Mapping[str, NDArray[np.uint64]]:
        """Hashed things by column name."""
        return _Gathered(self._taken_from.things, cast(native.Positions, self._at))

    def _gathered(self, column: NDArray[S]) -> NDArray[S]:
        return native.gathered(column, cast(native.Positions, self._at))

    @property
    def _taken_from(self) -> Rows:
        return self if self._source is None else self._source

    def __len__(self) -> int:
        """How many rows there are."""
        return self._length

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """What several metrics work out of these rows, once."""
        if key not in self._shared:
            made = make()
            self._shared[key] = _ITSELF if made is self else made
        found = self._shared[key]
        return cast(T, self if found is _ITSELF else found)

    def forget(self) -> None:
        """Let go of what was worked out, of which some refers to these rows and would keep them in memory."""
        self._shared.clear()

    def take(self, which: Mask | Positions | slice) -> Rows:
        """Some of the rows, in the same order. Raises IndexError for positions that there are not."""
        if isinstance(which, slice):
            return self._slice(which) if self._at is None else self._of_source(np.ascontiguousarray(self._at[which]))
        if which.dtype == np.uint32 and (not len(which) or int(which.max()) < len(self)):
            return self._of_ours(cast(native.Positions, which))
        if which.dtype != np.bool_:
            return self._of_ours(native.narrowed(which.astype(np.int64, copy=False), len(self)))
        if len(which) != len(self):
            raise IndexError(f"{len(which)} flags for {len(self)} rows")
        return self._of_ours(native.where(which.astype(np.bool_, copy=False)))

    def within(self, begins: int, ends: int) -> Rows:
        """The rows in `[begins, ends)`; these very rows where that is all of them."""
        at = native.within(self.time, max(begins, _FIRST), min(ends, _LAST))
        if len(at) == len(self):
            return self
        found = self._of_ours(at)
        if self._source is None and 2 * len(at) > len(self):
            found._among = (begins, ends)
        return found

    def _slice(self, which: slice) -> Rows:
        """Views, which cost nothing."""
        columns = (self.customer[which], self.time[which], self.kind[which])
        numbers = {name: column[which] for name, column in self.numbers.items()}
        return Rows(*columns, numbers, {name: column[which] for name, column in self.things.items()})

    def _of_ours(self, at: native.Positions) -> Rows:
        return self._of_source(at if self._at is None else native.gathered(self._at, at))

    def _of_source(self, at: native.Positions) -> Rows:
        found = Rows.__new__(Rows)
        found._source = self if self._source is None else self._source
        found._at = at
        found._among = None
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

    def with_number(self, name: str) -> Rows:
        """The rows that have a number in a column."""
        return self.shared(("with number", name), lambda: self.take(self.numbers[name] != NO_NUMBER))

    def with_thing(self, name: str) -> Rows:
        """The rows that have a thing in a column."""
        return self.shared(("with thing", name), lambda: self.take(self.things[name] != NO_THING))

    def of_kinds(self, mask: Mask) -> Rows:
        """The rows whose kind is in a mask of kinds; these very rows where that is all of them."""
        if mask.all():
            return self
        return self.shared(("of kinds", mask.tobytes()), lambda: self._of_kinds(mask))

    def _of_kinds(self, mask: Mask) -> Rows:
        if len(self) < _FEW:
            return self.take(mask[self.kind])
        if self._among is not None:  # the source's kinds are known already, and asked for by others
            return self._taken_from.of_kinds(mask).within(*self._among)
        counts, wanted = self.kind_counts, mask[: len(self.kind_counts)]  # the kinds behind occur on no row
        if len(wanted) < len(counts):
            raise IndexError(f"a mask of {len(mask)} kinds for rows of {len(counts)}")
        few = int(counts @ wanted)
        if few == len(self):
            return self
        if few * _RARE > len(self):
            return self._of_ours(native.of_kinds(self.kind, counts, wanted))
        return self._of_ours(native.of_listed_kinds(self._by_kind, counts, wanted))

    @cached_property
    def kind_counts(self) -> NDArray[np.int64]:
        """How many rows each kind has, up to the last that occurs."""
        return native.count_kinds(self.kind)

    @cached_property
    def _by_kind(self) -> native.Positions:
        """Positions by kind: a rare kind's rows are found without looking at all."""
        return native.by_kind(self.kind, self.kind_counts)

    def period(self, key: object, index: Callable[[Rows], NDArray[np.int32]]) -> NDArray[np.int32]:
        """Each row's period by a grain; rows taken from others ask those, which work it out once, or are few."""
        own = self._at is None or not self._asks(("period", key))
        return self.shared(
            ("period", key),
            lambda: index(self) if own else self._gathered(self._taken_from.period(key, index)),
        )

    def _asks(self, key: object) -> bool:
        """Whether the rows that these are taken from are worth asking: they know already, or these are not few."""
        return key in self._taken_from._shared or len(self) * _RARE > len(self._taken_from)

    def counts(
        self, key: object, index: Callable[[Rows], NDArray[np.int32]]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
        """How many rows each customer has in each period of a grain: customer, period, rows, without gathering them."""
        rows = self._taken_from
        if rows is not self and not self._asks(("period", key)):
            return self.shared(("counts", key), lambda: native.runs(self.customer, self.period(key, index), None))
        return self.shared(("counts", key), lambda: native.runs(rows.customer, rows.period(key, index), self._at))


class _Gathered(Mapping[str, NDArray[S]]):
    """Columns at some positions, each gathered when it is first read."""

    def __init__(self, columns: Mapping[str, NDArray[S]], at: native.Positions) -> None:
        self._columns, self._at = columns, at
        self._found: dict[str, NDArray[S]] = {}

    def __getitem__(self, name: str) -> NDArray[S]:
        """A column."""
        if name not in self._found:
            self._found[name] = native.gathered(self._columns[name], self._at)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        """The columns' names."""
        return iter(self._columns)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._columns)
