"""The tables beside the events: subscriptions, customers, identities."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.samples.arrays import Bools, Ints
from engagement_cli.samples.calendar import Span
from engagement_cli.samples.event_frame import instant_texts
from engagement_cli.samples.population import CHANNELS, COUNTRIES, Population
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.spells import NO_TRIAL, OPEN, Spells


def subscription_frame(span: Span, sector: Sector, spells: Spells, ids: pl.Series) -> pl.DataFrame:
    """One line a subscription row; mrr is a month's price also where billing is yearly, renewed is empty if not due."""
    renewed = spells.renewed(span)
    return pl.DataFrame(
        {
            "user_id": ids.gather(spells.customer),
            "plan": pl.Series([plan.name for plan in sector.plans], dtype=pl.String).gather(spells.plan),
            "started_at": instant_texts(span, spells.started),
            "ended_at": _texts_where(span, spells.ended, spells.ended < OPEN),
            "trial_ends_at": _texts_where(span, spells.trial_ends, spells.trial_ends != NO_TRIAL),
            "mrr": spells.price / 100,
            "billing": pl.Series(["month", "year"]).gather(spells.yearly.astype(np.uint32)),
            "renewed": pl.Series(["false", "true", None]).gather(np.where(renewed < 0, 2, renewed)),
        }
    )


def customer_frame(span: Span, sector: Sector, people: Population, ids: pl.Series, emails: pl.Series) -> pl.DataFrame:
    """One line a customer."""
    padded = pl.concat([ids, pl.Series([None], dtype=pl.String)])
    return pl.DataFrame(
        {
            "user_id": ids,
            "signed_up_at": instant_texts(span, people.joined),
            "country": pl.Series(COUNTRIES).gather(people.country),
            "signup_channel": pl.Series(CHANNELS).gather(people.channel),
            sector.trait.column: pl.Series(sector.trait.words).gather(people.trait),
            "referred_by": padded.gather(np.where(people.referrer < 0, len(ids), people.referrer)),
            "acquisition_cost": people.cost / 100,
            "email": emails,
        }
    )


def identity_frame(people: Population, ids: pl.Series, aliases: pl.Series) -> pl.DataFrame:
    """One line an alias under which a customer came before signing up."""
    seen = np.flatnonzero(people.anonymous)
    return pl.DataFrame({"alias": aliases.gather(seen), "user_id": ids.gather(seen)})


def _texts_where(span: Span, time: Ints, given: Bools) -> pl.Series:
    shown = instant_texts(span, np.where(given, time, 0))
    return shown.scatter(np.flatnonzero(~given), None)
