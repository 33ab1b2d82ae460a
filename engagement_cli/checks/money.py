"""Findings about currencies: a report has one, and amounts in another need a rate."""

from __future__ import annotations

from collections.abc import Mapping

from engagement_cli.checks.finding import Finding
from engagement_cli.checks.places import show_files
from engagement_cli.settings.model import Settings
from engagement_cli.sources.export import Export


def currencies(found: Mapping[str, int], column: str | None, settings: Settings, export: Export) -> list[Finding]:
    """An error where amounts are in several currencies, or in another than the report's, without rates for them."""
    if not found or column is None:
        return []
    where = f"{show_files(export.files)}, column {column}"
    own = settings.currency
    listed = ", ".join(f"{code} ({rows:,} rows)" for code, rows in found.items())
    if own is None and len(found) == 1:
        (code,) = found
        what = f"all amounts of {export.name} are in {code}, and the configuration does not say so"
        return [Finding("info", "currency", what, where, f"write currency: {code}")]
    missing = [code for code in found if code != own and code not in settings.rates]
    if own is not None and not missing:
        return []
    if own is None:
        most = max(found, key=lambda code: found[code])
        what = f"the amounts of {export.name} are in {len(found)} currencies: {listed}"
        rates = ", ".join(f"{code}: …" for code in found if code != most)
        hint = f"write currency: {most} and rates: {{{rates}}}, one unit of each in {most}; or exclude the others"
        return [Finding("error", "currency", what, where, hint)]
    what = f"amounts of {export.name} are in {', '.join(missing)}, the report is in {own}, and there is no rate"
    rates = ", ".join(f"{code}: …" for code in missing)
    return [Finding("error", "currency", what, where, f"write rates: {{{rates}}}, one unit of each in {own}")]
