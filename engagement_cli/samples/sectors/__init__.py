"""The sectors that can be generated: one file each, one line here."""

from __future__ import annotations

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.sectors.saas import SAAS

SECTORS: dict[str, Sector] = {SAAS.name: SAAS}


def find_sector(name: str) -> Sector:
    """The sector of this name; `UserError` with the nearest known names where there is none."""
    if name not in SECTORS:
        raise UserError(f"unknown sector {name!r}", where="--sector", hint=did_you_mean(name, SECTORS))
    return SECTORS[name]
