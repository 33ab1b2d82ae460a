"""What a family of columns of the customer table is: a module with these names, as a metric type is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.kernels.scale import Distribution
from engagement_cli.records import Record, field
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath, show_key_path
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs

Known: TypeAlias = Mapping[str, AbstractSet[str]]  # usable columns by source
Values: TypeAlias = "NDArray[np.generic] | pl.Series"
KNOWN = "_known"  # the instant from which on a customer is known, in ticks
NUMBER, COUNT, TEXT, FLAG, DATE = pl.Float64(), pl.Int64(), pl.String(), pl.Boolean(), pl.Date()


def no_export(source: str) -> str:
    """Why a column cannot be made without a source."""
    return f"no {source} export"


class Column(Record):
    """A column of the finished table: its dtype, its unit (of the metric row; None for texts), what it says.

    `lacks` says why it cannot be made of these sources, where others of its family can.
    """

    dtype: pl.DataType
    unit: str | None
    description: str
    lacks: str | None = None


class Scene(Record):
    """What finishing may know besides the rows; `wanted` are the finished columns that are asked for or read.

    `place` says where a rule stands in the configuration; `among` has what is known of all customers, by name.
    """

    clock: Clock
    settings: Settings
    wanted: frozenset[str]
    place: Callable[[KeyPath], str] = show_key_path
    among: Mapping[str, Distribution] = field(default_factory=dict)


class Family(Protocol):
    """Columns that are made together.

    `rows` has one value for each customer of a bucket, as `CustomerRows` has them, and may hold helping columns whose
    names begin with an underscore; `finish` sees the rows of some of the customers and says how the finished columns
    are made of them and of other families' columns. One that is null for everyone or for nobody is so in all pieces.
    """

    def columns(self, settings: Settings, known: Known) -> Mapping[str, Column]:
        """The finished columns by name."""

    def lacking(self, settings: Settings, known: Known) -> str | None:
        """Why the columns cannot be made of these sources; None if they can."""

    def reads(self, settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
        """Columns of other families that `finish` reads for the wanted ones."""

    def needs(self, settings: Settings, known: Known) -> Needs:
        """What is read of the exports."""

    def rows(self, bucket: Bucket) -> Mapping[str, Values]:
        """One value a customer of the bucket."""

    def finish(self, table: Piece, scene: Scene) -> Makers:
        """What makes the finished columns of a piece of the customers, each when it is asked for."""


class Ranking(Protocol):
    """What a family whose columns compare customers has besides."""

    def across(self, table: Piece, scene: Scene) -> Mapping[str, Distribution]:
        """What `finish` looks up in `scene.among`: of a piece of the customers; of all, they are joined by name."""
