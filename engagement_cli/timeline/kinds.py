"""A row's kind: the one small code for its event name, the predicates it matches and the properties that segment it.

There are few kinds and many rows, so whatever depends only on a row's kind (is it in this selection? what does it
weigh? which channel is it?) is worked out once a kind and gathered by code. Codes follow the sorted order of what they
stand for, never the order in which threads met them.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection

Mask = NDArray[np.bool_]
Key = tuple[str | int | None, ...]
_DENSE = 1 << 22


@dataclass(frozen=True)
class Kinds:
    """The kinds of a report's rows, one entry a kind in every array; `flags` by SQL predicate, `texts` by column."""

    events: tuple[str, ...]
    flags: dict[str, Mask]
    texts: dict[str, tuple[str | None, ...]]
    anonymous: Mask

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self.events)

    def named(self, names: set[str]) -> Mask:
        """Which kinds have one of these raw event names."""
        return np.fromiter((event in names for event in self.events), dtype=bool, count=len(self))

    def entry(self, name: str, settings: Settings) -> Mask:
        """Which kinds are the configured event `name`: by its predicate where it has one, else by its name."""
        configured = settings.events.get(name)
        if configured is not None and configured.where is not None:
            return self.flags[configured.where]
        return self.named({name})

    def matching(self, selection: Selection, settings: Settings) -> Mask:
        """Which kinds a selection takes."""
        mask = np.ones(len(self), dtype=bool)
        if selection.events is not None:
            mask = np.zeros(len(self), dtype=bool)
            for name in selection.events:
                mask |= self.active(settings) if name == "active" else self.entry(name, settings)
        if selection.where is not None:
            mask = mask & self.flags[selection.where]
        return mask

    def active(self, settings: Settings) -> Mask:
        """Which kinds count as being active: those configured, else those of weight above zero."""
        if settings.active is not None:
            return self.matching(settings.active, settings)
        total, known = np.zeros(len(self)), np.zeros(len(self), dtype=bool)
        for name, event in settings.events.items():
            mine = self.entry(name, settings)
            total += mine * event.weight
            known |= mine
        return np.asarray(np.where(known, total, settings.score.default_weight) > 0)


class KindRegistry:
    """Gives each distinct combination a provisional code while rows are read, from several threads."""

    def __init__(self, predicates: tuple[str, ...], texts: tuple[str, ...]) -> None:
        self._predicates, self._texts = predicates, texts
        self._codes: dict[Key, int] = {}
        self._lock = Lock()

    def encode(self, batch: pl.DataFrame) -> NDArray[np.uint32]:
        """Provisional codes of a batch with columns `customer`, `event`, `p0…` (Boolean) and `t0…` (text)."""
        columns = [_dictionary(batch["event"])]
        columns += [_dictionary(batch[f"t{i}"]) for i in range(len(self._texts))]
        columns.append((_bits(batch["customer"].is_null()), [0, 1]))
        columns += [(_bits(batch[f"p{i}"]), [0, 1]) for i in range(len(self._predicates))]
        keys, rows = _combine(columns)
        with self._lock:
            provisional = np.array([self._codes.setdefault(key, len(self._codes)) for key in keys], dtype=np.uint32)
        return np.asarray(provisional[rows], dtype=np.uint32)

    def finish(self) -> tuple[Kinds, NDArray[np.uint32]]:
        """The kinds in sorted order, and the table from provisional to final codes."""
        order = sorted(self._codes, key=lambda key: tuple((v is not None, str(v)) for v in key))
        final = np.empty(len(order), dtype=np.uint32)
        for code, key in enumerate(order):
            final[self._codes[key]] = code
        after = 1 + len(self._texts)
        flag = {p: after + 1 + i for i, p in enumerate(self._predicates)}
        return (
            Kinds(
                events=tuple(str(key[0]) for key in order),
                flags={p: np.array([bool(key[at]) for key in order], dtype=bool) for p, at in flag.items()},
                texts={t: tuple(_text(key[1 + i]) for key in order) for i, t in enumerate(self._texts)},
                anonymous=np.array([bool(key[after]) for key in order], dtype=bool),
            ),
            final,
        )


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _dictionary(column: pl.Series) -> tuple[NDArray[np.uint32], list[str | int | None]]:
    """Codes into a list of the column's distinct values (null first), for one batch only.

    Categorical codes live as long as their Series: they are used here and nowhere kept.
    """
    coded = column.cast(pl.Categorical)
    physical = coded.to_physical()
    distinct = coded.drop_nulls().unique()
    values: list[str | int | None] = [None, *distinct.cast(pl.String).to_list()]
    codes = distinct.to_physical().to_numpy()
    table = np.zeros(int(codes.max()) + 2 if len(codes) else 1, dtype=np.uint32)
    table[codes] = np.arange(1, len(codes) + 1, dtype=np.uint32)
    return table[physical.fill_null(len(table) - 1).to_numpy()], values


def _bits(column: pl.Series) -> NDArray[np.uint32]:
    return column.fill_null(value=False).cast(pl.UInt8).to_numpy().astype(np.uint32)


def _combine(columns: list[tuple[NDArray[np.uint32], list[str | int | None]]]) -> tuple[list[Key], NDArray[np.uint64]]:
    """The distinct combinations of several coded columns, and each row's position among them."""
    keys: list[Key] = [()]
    rows, size = np.zeros(len(columns[0][0]), dtype=np.uint64), 1
    pending: list[list[str | int | None]] = []
    for codes, values in columns:
        if size * len(values) > _DENSE and pending:
            keys, rows = _compact(keys, rows, pending)
            pending, size = [], len(keys)
        rows = rows + codes * np.uint64(size)
        size *= len(values)
        pending.append(values)
    return _compact(keys, rows, pending)


def _compact(
    keys: list[Key], codes: NDArray[np.uint64], pending: list[list[str | int | None]]
) -> tuple[list[Key], NDArray[np.uint64]]:
    """Renumber mixed-radix codes (an index into `keys`, then one digit a pending column) to those that occur."""
    size = len(keys)
    for values in pending:
        size *= len(values)
    if size <= _DENSE * 16:
        present = np.flatnonzero(np.bincount(codes.astype(np.int64), minlength=1))
        table = np.zeros(size, dtype=np.uint64)
        table[present] = np.arange(len(present), dtype=np.uint64)
        rows = table[codes]
    else:
        distinct, inverse = np.unique(codes, return_inverse=True)
        present, rows = distinct.astype(np.int64), inverse.astype(np.uint64)
    combined: list[Key] = []
    for code in present.tolist():
        rest, first = divmod(code, len(keys))
        key = list(keys[first])
        for values in pending:
            rest, digit = divmod(rest, len(values))
            key.append(values[digit])
        combined.append(tuple(key))
    return combined, rows
