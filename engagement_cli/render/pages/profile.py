"""One customer on one screen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from engagement_cli.render.documents import Profile
from engagement_cli.render.numbers import difference, fixed
from engagement_cli.render.page import Block, Cell, Column, Grid, Line, Page, Section
from engagement_cli.render.pages.account import dates
from engagement_cli.render.pages.grids import cell_of, title_of
from engagement_cli.render.periods import moment
from engagement_cli.render.sparkline import sparkline
from engagement_cli.render.text import plural, safe

_MOST_SHARES = 8
_LAST_EVENTS = 8
_OF_A_SCALE = {"nps", "csat", "score"}
_AGO = {"nps_days": "nps answered", "csat_days": "csat answered"}


def profile_page(profile: Profile) -> Page:
    """The page of a profile: signals first, then who it is, what they do, what changed."""
    top: list[Block] = [Line(safe(f"Customer {profile.customer}"), heading=1), dates(profile.answer)]
    signals = [block for name, why in profile.signals.items() for block in _signal(name, why, profile)]
    facts = [Line(text) for text in _parts(profile)]
    return (*top, *signals, *facts, *_activity(profile), *_changes(profile))


def _signal(name: str, why: str, profile: Profile) -> Iterator[Block]:
    """The signal with its reason, and what its rule, which may give several reasons, has found of this customer."""
    yield Line(safe(f"{title_of(name).capitalize()}: {why}"), "bold")
    told = [text for column in profile.grounds.get(name, ()) if (text := _told(column, profile, zeros=True))]
    if told:
        yield Line(safe(f"  here: {' · '.join(told)}"))


def _parts(profile: Profile) -> Iterator[str]:
    for title, columns in profile.parts.items():
        told = [text for name in columns if (text := _told(name, profile))]
        if told:
            yield safe(f"{title}: {' · '.join(told)}")


def _told(name: str, profile: Profile, *, zeros: bool = False) -> str:
    """A column and its value; nothing where there is nothing to tell, which a zero is only of what is counted."""
    value = profile.row.get(name)
    if value is None or value is False or value == "" or (value == 0 and not zeros and name not in _OF_A_SCALE):
        return ""
    if value is True:
        return title_of(name)
    unit = profile.units.get(name, "")
    title = title_of(name).removesuffix(" days") if unit == "days" else title_of(name)
    ago = " ago" if name in _AGO else ""
    return f"{_AGO.get(name, title)} {_text(value, unit)}{ago}"


def _text(value: Any, unit: str) -> str:
    return cell_of(value, unit).whole if isinstance(value, int | float) else str(value)


def _activity(profile: Profile) -> Iterator[Block]:
    """What they do: weeks, what makes the score, the last events."""
    yield Line("What they do", heading=2)
    if profile.weeks:
        yield Line(f"events a week, last {plural(len(profile.weeks), 'week')}: {sparkline(profile.weeks)}")
    shares = [f"{name.split('_', 1)[1]} {fixed(profile.row[name], 1)}" for name in profile.contributions[:_MOST_SHARES]]
    if shares:
        yield Line(safe(f"score of the last {profile.window_days} days from: {' · '.join(shares)}"))
    if profile.recent:
        runs = [
            (key, len(list(same))) for key, same in groupby((moment(time), event) for time, event in profile.recent)
        ]
        last = [f"{time} {event}{f' × {n}' if n > 1 else ''}" for (time, event), n in runs[:_LAST_EVENTS]]
        yield Line(safe(f"latest: {' · '.join(last)}"))


def _changes(profile: Profile) -> Iterator[Block]:
    """What changed against the window before."""
    rows = []
    for title, (now, before) in profile.changes.items():
        new, old = profile.row.get(now), profile.row.get(before)
        if new is None and old is None:
            continue
        unit = profile.units.get(now, "")
        cells = [Cell("–") if v is None else Cell(safe(_text(v, unit))) for v in (old, new)]
        rows.append((Cell(title), *cells, Cell(_moved(new, old, unit))))
    if rows:
        yield Line(f"What changed in {profile.window_days} days", heading=2)
        columns = (Column("what", "", right=False), Column("before", "before"), Column("now", "now"))
        yield Grid((*columns, Column("change", "change", right=False)), (Section("", tuple(rows)),))


def _moved(new: Any, old: Any, unit: str) -> str:
    if isinstance(new, str) or isinstance(old, str):
        return "" if new == old else "changed"
    if new is None or old is None:
        return ""
    amount = difference(float(new), float(old), (new - old) / abs(old) if old else None, unit or "number")
    return amount.text if amount is not None else ""
