"""Texts that stand for people: ids (some with leading zeros), aliases, addresses, user agents."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.samples.arrays import Ints
from engagement_cli.samples.flaws import BOTS
from engagement_cli.samples.population import Population

_GIVEN = (
    "ana", "ben", "carla", "david", "emma", "felix", "grace", "hugo", "ines", "jonas", "kenji", "lea", "marco", "nina",
    "omar", "paula", "quentin", "rosa", "samir", "tara", "uma", "victor", "wei", "yuki",
)  # fmt: skip
_FAMILY = (
    "abe", "berg", "costa", "dubois", "evans", "fischer", "garcia", "haas", "ito", "jones", "kumar", "lopez", "martin",
    "nowak", "olsen", "patel", "rossi", "silva", "tanaka", "weber",
)  # fmt: skip
_DOMAINS = ("example.com", "example.org", "example.net")
_INTERNAL_DOMAIN = "example-corp.com"
USER_AGENTS = (
    "Chrome/126 Windows",
    "Firefox/127 Linux",
    "Safari/17 macOS",
    "Edge/126 Windows",
    "App/5 iOS",
    "App/5 Android",
    "Safari/17 iPadOS",
    "Googlebot/2.1",
    "bingbot/2.0",
    "AhrefsBot/7.0",
)
FIRST_ROBOT = 7


def user_ids(first: int, customers: int) -> pl.Series:
    """Ids of the customers numbered from `first`: every other one is from an older system that padded with zeros."""
    number = np.arange(first, first + customers, dtype=np.int64) + 1
    shown = pl.Series(np.where(number % 2 == 1, number, number + 100_000))
    return shown.cast(pl.String).str.zfill(6).alias("user_id")


def aliases(first: int, customers: int) -> pl.Series:
    """One alias a customer, as a browser's cookie would hold it; no two customers share one below 4 billion."""
    number = np.arange(first, first + customers, dtype=np.uint64) + np.uint64(1)
    return _cookies("anon", (number * np.uint64(2_654_435_761)) % np.uint64(2**32))


def robot_ids(block: int) -> pl.Series:
    """Cookies of robots; they belong to no customer."""
    return _cookies("visitor", (np.arange(BOTS, dtype=np.uint64) + np.uint64(block * BOTS)) * np.uint64(40_503))


def emails(people: Population, ids: pl.Series) -> pl.Series:
    """One address a customer; those who work for the company itself have its domain."""
    given, family = people.name % len(_GIVEN), people.name // len(_GIVEN) % len(_FAMILY)
    domain = np.where(people.internal, len(_DOMAINS), people.domain)
    parts = [
        pl.Series(_GIVEN).gather(given),
        pl.lit("."),
        pl.Series(_FAMILY).gather(family),
        ids.cast(pl.Int64).cast(pl.String),
        pl.lit("@"),
        pl.Series([*_DOMAINS, _INTERNAL_DOMAIN]).gather(domain),
    ]
    return pl.select(pl.concat_str(parts)).to_series().alias("email")


def numbered(prefix: str, numbers: Ints) -> pl.Series:
    """Texts such as `t-000012`."""
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(6)


def _cookies(prefix: str, values: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> pl.Series:
    return f"{prefix}-" + pl.Series(values).cast(pl.String).str.zfill(10)
