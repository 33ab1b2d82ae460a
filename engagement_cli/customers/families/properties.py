"""What the customers export says of each customer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import TEXT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.needs import Needs

OWN = "customer"


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """The export's own columns."""
    names = sorted(name for name in known.get("customers", ()) if name != OWN and not name.startswith("_"))
    return {name: Column(TEXT, None, f"{name} of the customers export") for name in names}


def lacking(settings: Settings, known: Known) -> str | None:
    """The customers export."""
    return None if "customers" in known else no_export("customers")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """The customers export."""
    return Needs(sources=frozenset({"customers"}), of_customers=True, population=True)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Each column's least value of the customer's rows, as exported."""
    table = bucket.tables["customers"].filter(pl.col(CODE).is_not_null())
    names = [name for name in table.columns if name not in (CODE, HASH, OWN) and not name.startswith("_")]
    everyone = pl.DataFrame({CODE: np.arange(bucket.customers, dtype=np.uint32)})
    least = table.group_by(CODE).agg(pl.col(names).min())
    each = everyone.join(least, on=CODE, how="left", maintain_order="left")
    return {name: each[name] for name in names}


def finish(table: Piece, scene: Scene) -> Makers:
    """They are finished as they are."""
    return {}


def as_type(maker: Callable[[], pl.Series], dtype: pl.DataType) -> pl.Series:
    """Values as numbers or texts where they are such, or as they are; null where they are of another type."""
    values = maker()
    if values.dtype == dtype or (values.dtype.is_numeric() and dtype.is_numeric()) or dtype == pl.String:
        return values.cast(dtype, strict=False)
    return pl.repeat(None, len(values), dtype=dtype, eager=True)
