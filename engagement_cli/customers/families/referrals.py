"""Who referred whom, and what the referred brought."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.families import value
from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.scale import Distribution, distribution
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.hashing import customer_hash
from engagement_cli.timeline.needs import Needs


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Referrals and referred value."""
    money, lacks = settings.currency or "number", value.lacking(settings, known)
    return {
        "referrals": Column(COUNT, "count", "customers who were referred by this one"),
        "referred_value": Column(NUMBER, money, "value of these; over customers it would count twice", lacks),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """The customers export says who referred whom."""
    if "customers" not in known:
        return no_export("customers")
    return None if "referred_by" in known["customers"] else "no column 'referred_by' in the customers export"


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """The value of the referred."""
    return {"value"} if "referred_value" in wanted else frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """The customers export."""
    return Needs(sources=frozenset({"customers"}), of_customers=True, population=True)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """The hash of who referred each customer, of several the least; 0 for nobody."""
    table = bucket.tables["customers"]
    named = table.select(CODE, "referred_by", referrer=customer_hash("referred_by")).drop_nulls()
    if np.bincount(named[CODE].to_numpy(), minlength=1).max() > 1:
        named = named.sort("referred_by").unique(CODE, keep="first")
    referrer = np.zeros(bucket.customers, np.uint64)
    referrer[named[CODE].to_numpy()] = named["referrer"].to_numpy()
    return {"_referrer": referrer}


def across(table: Piece, scene: Scene) -> Mapping[str, Distribution]:
    """How many each customer referred, and what these brought, by the customer's hash."""
    there = table["_referrer"] != 0
    referrers = _keys(table["_referrer"].filter(there))
    worth = value.in_millionths(table, "").filter(there).fill_null(0).to_numpy()
    return {"referrals": distribution(referrers), "referred value": distribution(referrers, worth)}


def finish(table: Piece, scene: Scene) -> Makers:
    """Counted over all customers."""
    return {
        "referrals": lambda: pl.Series(scene.among["referrals"].of(_keys(table[HASH]))),
        "referred_value": lambda: _referred_value(table, scene),
    }


def _referred_value(table: Piece, scene: Scene) -> pl.Series:
    """Where nobody's value is known, that of who has referred nobody alone is."""
    total, worth = pl.Series(scene.among["referred value"].of(_keys(table[HASH]))), value.in_millionths(table, "")
    unknown = worth.null_count() == len(worth)
    return decimals(total.set(table["referrals"] == 0, None) if unknown else total)


def _keys(hashes: pl.Series) -> Int64s:
    return hashes.to_numpy().view(np.int64)
