"""One customer's profile: who it is, what they do, what changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from engagement_cli.commands.listing import measured_table, table_of
from engagement_cli.commands.options import Options
from engagement_cli.commands.session import Session, open_session
from engagement_cli.customers.families.rules import REASONS, SIGNALS
from engagement_cli.customers.families.score import CONTRIBUTION
from engagement_cli.customers.person import events_of
from engagement_cli.customers.rules import columns_read
from engagement_cli.customers.table import CUSTOMER, Profiling
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.pipeline import Outcome
from engagement_cli.render.documents import Profile
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.weights import report_end

WEEK = Grain("week")
_WEEKS = 26
_RECENT = 40  # rows: those of one order are one event to who reads them
# Parts of the profile and the columns that each shows; what is null of a customer is left out.
_PARTS: dict[str, tuple[str, ...]] = {
    "Value": (
        *("plan", "mrr", "paying", "in_trial", "subscribed_days", "renewals", "orders", "last_purchase", "revenue"),
        *("recurring_revenue", "value", "net_value", "rfm_segment", "quadrant", "referrals", "referred_value"),
    ),
    "Engagement": (
        *("score", "band", "rung", "involvement", "interaction", "intimacy", "influence", "features_used"),
        *("key_features_used", "first_seen", "last_seen", "days_silent", "usual_gap_days"),
    ),
    "Feedback and support": (
        *("nps", "nps_group", "nps_days", "csat", "csat_days", "tickets", "tickets_open", "tickets_overdue"),
        *("tickets_resolved",),
    ),
    "Preferences": ("top_category", "top_channel", "top_weekday", "top_hour"),
}
# What changed: a column now, and the same in the window before.
_CHANGES = {
    "raw score": ("raw", "previous"),
    "active days": ("active_days", "active_days_before"),
    "sessions": ("sessions", "sessions_before"),
    "influence": ("influence", "influence_before"),
    "band": ("band", "band_before"),
    "rung": ("rung", "rung_before"),
    "quadrant": ("quadrant", "quadrant_before"),
    "value": ("value", "value_before"),
}


def show_customer(options: Options, customer: str) -> None:
    """The profile of one customer. Raises `UserError` for an id that the exports do not know."""
    session = open_session(options)
    outcome = measured_table(session, lambda there: there.columns, customer_rows=events_of(customer))
    table = table_of(outcome)
    row = next(table.filter(pl.col(CUSTOMER) == customer).iter_rows(named=True), None)
    if row is None:
        close = did_you_mean(customer, table[CUSTOMER].to_list())
        raise UserError(f"no customer {customer!r} in the exports", hint=close or "`engagement customers` lists all")
    document = _document(session, outcome, row)
    session.show(document, outcome.answer)


def _document(session: Session, outcome: Outcome, row: dict[str, Any]) -> Profile:
    there, events = outcome.profiling, outcome.merged.customer_rows
    if there is None or events is None:
        raise ValueError("no table was made")
    events = events.sort("time", "event")
    days = session.settings.score.window.days
    return Profile(
        customer=row[CUSTOMER],
        row={name: value for name, value in row.items() if name != CUSTOMER},
        units={name: c.unit for name, c in there.columns.items() if c.unit is not None},
        parts={"Who": _own(there, session), **_PARTS},
        changes=_CHANGES,
        contributions=_shares(row),
        signals=dict(zip(_listed(row, SIGNALS), _listed(row, REASONS), strict=True)),
        grounds=_grounds(session, there),
        weeks=_by_week(events, outcome.clock),
        recent=_latest(events, outcome.clock),
        window_days=days,
        answer=outcome.answer,
    )


def _own(there: Profiling, session: Session) -> tuple[str, ...]:
    """The columns of the customers export."""
    columns = [name for name in there.columns if there.owner[name] == "properties"]
    export = session.exports.sources.get("customers")
    return tuple(columns if export is not None else ())


def _grounds(session: Session, there: Profiling) -> dict[str, tuple[str, ...]]:
    """The columns that the rule of each signal reads, in the order in which it names them."""
    rules = {name: signal.where for name, signal in session.settings.signals.items()}
    read = {name: columns_read([rule]) & there.columns.keys() for name, rule in rules.items()}
    return {name: tuple(sorted(found, key=rules[name].find)) for name, found in read.items()}


def _shares(row: dict[str, Any]) -> tuple[str, ...]:
    """Contributions to the score, the largest first, of equals by name."""
    found = [name for name in row if name.startswith(CONTRIBUTION) and row[name]]
    return tuple(sorted(found, key=lambda name: (-abs(row[name]), name)))


def _listed(row: dict[str, Any], column: str) -> list[str]:
    return [part for part in str(row.get(column) or "").split("; ") if part]


def _by_week(events: pl.DataFrame, clock: Clock) -> tuple[int, ...]:
    """Events in each of the last weeks, the one under way left out."""
    weeks = clock.periods(WEEK)
    last = weeks.at(report_end(clock) - 1)
    counts = np.bincount(weeks.index(events["time"].to_numpy()), minlength=last + 1)
    return tuple(int(n) for n in counts[max(last - _WEEKS, 0) : last])


def _latest(events: pl.DataFrame, clock: Clock) -> tuple[tuple[str, str], ...]:
    """The last events, the latest first: local time and the export's name."""
    rows = events.tail(_RECENT).reverse()
    return tuple((clock.text(time), name) for time, name in rows.iter_rows())
