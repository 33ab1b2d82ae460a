"""The views: one metric in full, from options alone or from a configured entry. One function a view."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from engagement_cli.commands.options import Options
from engagement_cli.commands.sharing import shared

_VIEW = "View"
Event = Annotated[str | None, typer.Option(metavar="EVENT", rich_help_panel=_VIEW)]
Name = Annotated[str | None, typer.Argument(metavar="[METRIC]", help="A configured metric; default: from the options.")]


def _option(text: str, *names: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=text, metavar=metavar, rich_help_panel=_VIEW, show_default=False)


Themes = Annotated[bool, _option("What the comments are about, or their most frequent words.", "--themes")]


# What funnels take, whatever is shown of them.
Step = Annotated[list[str] | None, _option("A step: an event or sql: PREDICATE; in order.", metavar="EVENT")]
Window = Annotated[str | None, _option("Time from the entry, such as 14d.", metavar="LENGTH")]
Order = Annotated[Literal["sequential", "strict", "any"] | None, _option("What may lie between.")]
Exclusion = Annotated[list[str] | None, _option("Drops who does it in between.", metavar="EVENT[:FROM:TO]")]
Reentry = Annotated[Literal["any", "first"] | None, _option("Which attempt counts.")]
Hold = Annotated[str | None, _option("A property that all steps share.", metavar="PROPERTY")]
Distinct = Annotated[str | None, _option("Rows with one value of it are one event: order.", metavar="COLUMN")]


def register(app: typer.Typer) -> None:
    """Add the views."""
    for view in (retention, funnel, abandonment, paths, stickiness, lifecycle, sessions, churn, clv, nps, csat):
        app.command(name=view.__name__)(view)


@shared
def retention(
    options: Options,
    metric: Name = None,
    start: Annotated[str | None, _option("Event that begins a cohort, or sql: PREDICATE.", metavar="EVENT")] = None,
    return_: Annotated[str | None, _option("Event that counts as coming back.", "--return", metavar="EVENT")] = None,
    intervals: Annotated[
        int | None, _option("How many periods, the first included; without --since also how many cohorts.", metavar="N")
    ] = None,
    entry: Annotated[Literal["recurring", "first_time"] | None, _option("Which start events begin a cohort.")] = None,
    criterion: Annotated[Literal["on", "on_or_after"] | None, _option("Back in the period, or then or later.")] = None,
    clock: Annotated[Literal["calendar", "elapsed"] | None, _option("Local periods, or 24 h from entry.")] = None,
    min_count: Annotated[int | None, _option("How often at least.", metavar="N")] = None,
) -> None:
    """Who comes back: cohorts by period."""
    given = {"start": start, "return": return_, "intervals": intervals, "entry": entry, "criterion": criterion}
    _show(options, "retention", "retention", metric, {**given, "clock": clock, "min_count": min_count})


@shared
def funnel(
    options: Options,
    metric: Name = None,
    step: Step = None,
    window: Window = None,
    order: Order = None,
    exclude: Exclusion = None,
    reentry: Reentry = None,
    hold: Hold = None,
    distinct: Distinct = None,
) -> None:
    """How many get through a sequence of steps."""
    given = {"steps": step or None, "window": window, "order": order, "exclude": exclude or None}
    _show(options, "funnel", "funnel", metric, {**given, "reentry": reentry, "hold": hold, "distinct": distinct})


@shared
def abandonment(
    options: Options,
    metric: Name = None,
    step: Step = None,
    property_: Annotated[
        list[str] | None,
        _option("Compare who has a value at the entry with who has not.", "--property", metavar="COLUMN"),
    ] = None,
    top: Annotated[int | None, _option("How many values; default 20.", metavar="N")] = None,
    window: Window = None,
    order: Order = None,
    exclude: Exclusion = None,
    reentry: Reentry = None,
    hold: Hold = None,
    distinct: Distinct = None,
) -> None:
    """Who leaves a funnel, such as carts, and which properties (a shipping fee) go with it."""
    given = {"steps": step or None, "properties": property_ or None, "top": top, "window": window, "order": order}
    given |= {"exclude": exclude or None, "reentry": reentry, "hold": hold, "distinct": distinct}
    if property_:  # values compare over the whole range, in which who got through at last has often left before
        given |= {"every": "total", "reentry": reentry or "first"}
    _show(options, "abandonment", "abandonment", metric or (None if step else "cart_abandonment"), given)


@shared
def paths(
    options: Options,
    metric: Name = None,
    from_: Annotated[str | None, _option("What follows this, or sql: PREDICATE.", "--from", metavar="EVENT")] = None,
    to: Annotated[str | None, _option("What precedes this, or sql: PREDICATE.", metavar="EVENT")] = None,
    depth: Annotated[int | None, _option("Steps after --from or before --to; default 3.", metavar="N")] = None,
    top: Annotated[int | None, _option("How many paths; default 20.", metavar="N")] = None,
    window: Annotated[
        str | None, _option("Steps within this time of the event, not of a session.", metavar="LENGTH")
    ] = None,
    gap: Annotated[str | None, _option("A longer gap ends a session; default 30m.", metavar="LENGTH")] = None,
    repeats: Annotated[Literal["collapse", "keep"] | None, _option("Repeats of one event: one step, or each.")] = None,
    entry: Annotated[
        Literal["recurring", "first_time"] | None, _option("Every occurrence, or a customer's first ever.")
    ] = None,
    exclude: Annotated[list[str] | None, _option("Events that are no step.", metavar="EVENT")] = None,
) -> None:
    """The most common next steps, where people leave, what comes before or after an event."""
    given = {"from": from_, "to": to, "depth": depth, "top": top, "window": window, "gap": gap, "repeats": repeats}
    _show(options, "paths", "paths", metric, {**given, "entry": entry, "exclude": exclude or None})


@shared
def stickiness(
    options: Options,
    metric: Name = None,
    active: Annotated[str | None, _option("Event that counts as being active.", metavar="EVENT")] = None,
) -> None:
    """In how many of the range's periods customers were active, and the share of them on average."""
    _show(options, "stickiness", "frequency", metric, {"active": active})


@shared
def lifecycle(
    options: Options,
    metric: Name = None,
    active: Annotated[str | None, _option("Event that counts as being active.", metavar="EVENT")] = None,
) -> None:
    """New, returning, resurrected and dormant customers by period."""
    _show(options, "lifecycle", "lifecycle", metric, {"active": active})


@shared
def sessions(
    options: Options,
    metric: Name = None,
    gap: Annotated[str | None, _option("A longer gap ends a session; default 30m.", metavar="LENGTH")] = None,
    split_midnight: Annotated[bool | None, _option("Midnight ends a session.", "--split-midnight")] = None,
    cap: Annotated[str | None, _option("Longest session, such as 24h.", metavar="LENGTH")] = None,
    session: Annotated[str | None, _option("A column with the export's own session id.", metavar="COLUMN")] = None,
    exclude: Annotated[list[str] | None, _option("System events, which open no session.", metavar="EVENT")] = None,
) -> None:
    """Sessions, their length and depth, by period."""
    given = {"gap": gap, "split_midnight": split_midnight, "cap": cap, "session": session, "exclude": exclude or None}
    _show(options, "sessions", "sessions", metric, given)


@shared
def churn(
    options: Options,
    metric: Name = None,
    measure: Annotated[str | None, _option("churn_rate, retention_rate, nrr, mrr …", metavar="MEASURE")] = None,
) -> None:
    """Who left: of subscriptions where there are any, else by inactivity."""
    from engagement_cli.commands.session import open_session
    from engagement_cli.commands.viewing import entry_with, show_view

    session = open_session(options)
    of_subscriptions = measure is not None or "subscriptions" in session.exports.sources
    kind = "subscription" if of_subscriptions else "inactivity"
    wanted = measure or ("churn_rate" if of_subscriptions else None)
    if metric is None:
        metric = entry_with(session, kind, "measure", wanted)
        given = {"measure": wanted}
    else:
        given = {"measure": measure}
    show_view(session, "churn", kind, metric, given if of_subscriptions else {})


@shared
def clv(
    options: Options,
    metric: Name = None,
    method: Annotated[
        Literal["simple", "churn", "observed"] | None,
        _option("Value × frequency × lifespan; ARPU × margin ÷ churn; or revenue to date, with recency and T."),
    ] = None,
    purchase: Annotated[str | None, _option("Event that is a purchase.", metavar="EVENT")] = None,
    lifespan: Annotated[float | None, _option("Years, of the simple method; default 1.", metavar="YEARS")] = None,
    margin: Annotated[float | None, _option("Share of revenue that is kept; default all.", metavar="SHARE")] = None,
    unit: Annotated[Literal["days", "weeks"] | None, _option("Of recency and T, where observed.", "--time")] = None,
) -> None:
    """What a customer is worth: from purchases, from churn, or as observed to date."""
    from engagement_cli.commands.session import open_session
    from engagement_cli.commands.viewing import entry_with, show_view

    session = open_session(options)
    given: dict[str, Any] = {"method": method, "lifespan": lifespan, "margin": margin, "time": unit}
    given["purchase"] = purchase
    if metric is None:
        metric = entry_with(session, "clv", "method", method or "simple")
        if metric is None and purchase is None:
            given["purchase"] = list(session.settings.profile.purchases)
    show_view(session, "clv", "clv", metric, given)


@shared
def nps(
    options: Options,
    metric: Name = None,
    answers: Annotated[Literal["latest", "all"] | None, _option("The latest of each customer, or all.")] = None,
    themes: Themes = False,
    follow_up: Annotated[
        bool, _option("Detractors and passives with what they wrote, the newest first.", "--follow-up")
    ] = False,
) -> None:
    """Net Promoter Score by period, with its interval; what its comments are about; whom to follow up."""
    given = {"measure": "nps" if metric is None else None, "answers": answers}
    if not (themes or follow_up):
        _show(options, "nps", "survey", metric, given)
        return
    from engagement_cli.commands.feedback import show_follow_up, show_themes

    if themes and follow_up:
        raise typer.BadParameter("--themes and --follow-up are two tables: ask for one")
    if follow_up:
        show_follow_up(options, metric, given)
    else:
        show_themes(options, metric, "nps")


@shared
def csat(
    options: Options,
    metric: Name = None,
    answers: Annotated[Literal["latest", "all"] | None, _option("The latest of each customer, or all.")] = None,
    satisfied_from: Annotated[float | None, _option("Lowest answer that is satisfied; 4 on 1–5.", metavar="N")] = None,
    themes: Themes = False,
) -> None:
    """Satisfied customers by period, with interval and mean; what their comments are about."""
    if themes:
        from engagement_cli.commands.feedback import show_themes

        show_themes(options, metric, "csat")
        return
    measure = "csat" if metric is None else None
    given = {"measure": measure, "answers": answers, "satisfied_from": satisfied_from}
    _show(options, "csat", "survey", metric, given)


def _show(options: Options, view: str, kind: str, name: str | None, given: dict[str, Any]) -> None:
    """Measure one metric of type `kind` and show it as a view."""
    from engagement_cli.commands.session import open_session
    from engagement_cli.commands.viewing import show_view

    show_view(open_session(options), view, kind, name, given)
