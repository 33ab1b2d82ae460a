"""Some of the customers while the table is finished: each column is read or made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import polars as pl

Makers: TypeAlias = Mapping[str, Callable[[], pl.Series]]  # what makes a column, by its name


class Piece:
    """Columns by name, of `height` customers. A column is made once; what makes it may ask for others."""

    def __init__(self, height: int, makers: Makers) -> None:
        self.height = height
        self._makers = dict(makers)
        self._made: dict[str, pl.Series] = {}

    def define(self, makers: Makers) -> None:
        """Add columns; those of the same name are hidden from now on."""
        self._makers |= makers

    def forget(self) -> None:
        """Let go of all columns: what makes them refers to the piece, and would keep them in memory after its use."""
        self._makers.clear()
        self._made.clear()

    @property
    def columns(self) -> list[str]:
        """The names of all columns."""
        return [*self._makers]

    def __contains__(self, name: str) -> bool:
        return name in self._makers

    def __getitem__(self, name: str) -> pl.Series:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def maker(self, name: str) -> Callable[[], pl.Series]:
        """What makes a column, for one that is made of it under its name."""
        return self._makers[name]

    def frame(self, names: Iterable[str]) -> pl.DataFrame:
        """Some of the columns."""
        return pl.DataFrame([self[name].alias(name) for name in names])

    def nothing(self, dtype: pl.DataType) -> pl.Series:
        """A column that is null for everyone."""
        return pl.repeat(None, self.height, dtype=dtype, eager=True)
