"""Duplicates among rows that were read at different times: of each identity the row that one reading would keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.timeline.incoming import NO_IDENTITY
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.lot import Hashes, Lot
from engagement_cli.timeline.rows import Positions

_OF_ROW = ("customer", "time", "kind", "identity")


def met_again(lots: Sequence[Lot]) -> Hashes:
    """The identities, whosever, that more than one of the lots has."""
    found = sorted((lot.identity for lot in lots if lot.identity is not None), key=len)
    if len(found) < 2:
        return np.empty(0, np.uint64)
    fewer, most = _series(np.concatenate(found[:-1])), _series(found[-1])
    fewer = fewer.filter(fewer != NO_IDENTITY)
    both = most.filter(most.is_in(fewer.implode()))
    return pl.concat([both, fewer.filter(fewer.is_duplicated())]).unique().to_numpy()


def repeated(lot: Lot) -> Hashes:
    """The identities, whosever, that several rows of a lot have."""
    if lot.identity is None:
        return np.empty(0, np.uint64)
    all_of_them = _series(lot.identity)
    return all_of_them.filter(all_of_them.is_duplicated() & (all_of_them != NO_IDENTITY)).unique().to_numpy()


def first_of_each(lot: Lot, again: Hashes) -> Lot:
    """Of each customer and identity met again only the earliest row; of equals that of the first kind."""
    if not len(again):
        return lot
    table, doubtful = _doubtful(lot, again)
    first = table.unique(["customer", "identity"], keep="first", maintain_order=True)  # it is in order
    return _keep(lot, doubtful, first["place"].to_numpy())


def of_rows_kept(valued: Lot, kept: Lot, again: Hashes) -> Lot:
    """Of the valued rows those of the rows kept; of several of one row, the first by their values."""
    if not len(again):
        return valued
    (table, doubtful), (rows, _) = _doubtful(valued, again), _doubtful(kept, again)
    mine = table.join(rows, on=_OF_ROW, how="semi", maintain_order="left")
    first = mine.unique(_OF_ROW, keep="first", maintain_order=True)
    return _keep(valued, doubtful, first["place"].to_numpy())


def _doubtful(lot: Lot, again: Hashes) -> tuple[pl.DataFrame, Mask]:
    """The rows of identities met again, with their places in the lot, and the mask that tells them."""
    if lot.identity is None:
        raise ValueError("rows without identities")
    doubtful = _series(lot.identity).is_in(_series(again).implode()).to_numpy()
    place = np.flatnonzero(doubtful)
    rows = lot.rows.take(place)
    cells = (rows.customer, rows.time, rows.kind, lot.identity[place], place)
    return pl.DataFrame(dict(zip((*_OF_ROW, "place"), cells, strict=True))), doubtful


def _keep(lot: Lot, doubtful: Mask, places: Positions) -> Lot:
    mask = ~doubtful
    mask[places] = True
    return lot.take(mask)


def _series(hashes: Hashes) -> pl.Series:
    return pl.Series(hashes, dtype=pl.UInt64)
