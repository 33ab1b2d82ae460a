"""Who referred whom, and what the referred brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.families import value
from engagement_cli.customers.family import COUNT, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.windows import spread
from engagement_cli.kernels.decimals import decimals
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import CODE, HASH, Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.spread import customer_hash


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
    """The hash of who referred each customer; of several the least."""
    named = bucket.tables["customers"].select(CODE, "referred_by").drop_nulls()
    code = named[CODE].to_numpy()
    if np.bincount(code, minlength=1).max() > 1:
        named = named.group_by(CODE).agg(pl.col("referred_by").min())
        code = named[CODE].to_numpy()
    return {"_referrer": spread(bucket, code, named.select(customer_hash("referred_by")).to_series())}


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """Counted over all customers."""
    unknown = pl.repeat(None, table.height, dtype=pl.Int64, eager=True)
    worth = table["_value_micro"] if "_value_micro" in table.columns else unknown
    brought = table.select("_referrer", worth.alias("value")).drop_nulls("_referrer")
    brought = brought.group_by("_referrer").agg(pl.len().cast(pl.Int64).alias("referrals"), pl.col("value").sum())
    mine = table.select(HASH).join(brought, left_on=HASH, right_on="_referrer", how="left", maintain_order="left")
    total = mine["value"] if worth.null_count() == len(worth) else mine["value"].fill_null(0)
    return [mine["referrals"].fill_null(0), decimals(total).alias("referred_value")]
