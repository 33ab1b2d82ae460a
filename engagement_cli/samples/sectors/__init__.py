"""The sectors that can be generated: one file each, two lines here."""

from __future__ import annotations

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.sectors.ecommerce import ECOMMERCE
from engagement_cli.samples.sectors.elearning import ELEARNING
from engagement_cli.samples.sectors.fitness import FITNESS
from engagement_cli.samples.sectors.messaging import MESSAGING
from engagement_cli.samples.sectors.news import NEWS
from engagement_cli.samples.sectors.saas import SAAS
from engagement_cli.samples.sectors.social import SOCIAL
from engagement_cli.samples.sectors.streaming import STREAMING

_ALL = (
    SAAS,
    ECOMMERCE,
    STREAMING,
    MESSAGING,
    SOCIAL,
    FITNESS,
    ELEARNING,
    NEWS,
)
SECTORS: dict[str, Sector] = {sector.name: sector for sector in _ALL}


def find_sector(name: str) -> Sector:
    """The sector of this name; `UserError` with the nearest known names where there is none."""
    if name not in SECTORS:
        raise UserError(f"unknown sector {name!r}", where="--sector", hint=did_you_mean(name, SECTORS))
    return SECTORS[name]
