"""What an analyst would write in Polars, where that is natural: counts, active customers, sessions, day-1 retention.

python polars_report.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE

The columns needed are read once, and each section's small table is collected before its numbers are named; rows are
sorted by customer and time, and `over` looks at the row before.
"""

from __future__ import annotations

import sys
from datetime import timedelta

import polars as pl

INACTIVE = ("email_delivered", "email_opened", "ad_impression", "ticket_opened", "ticket_replied", "ticket_resolved")
INACTIVE += ("refund", "email_unsubscribed", "cancel_page")
NO_SESSION = ("email_delivered", "email_opened", "ad_impression", "ticket_replied", "ticket_resolved", "refund")
COUNTED = {
    "newsletter_subscriptions": ("subscribe_newsletter",),
    "feed_subscriptions": ("subscribe_feed",),
    "comments": ("comment",),
    "ratings_given": ("rating",),
    "reviews": ("review",),
    "votes": ("vote", "like"),
    "uploads": ("photo_upload", "video_upload"),
    "posts": ("post", "blog_post"),
    "contest_entries": ("contest_join",),
    "content_saved": ("bookmark", "tag"),
    "brand_searches": ("brand_search",),
    "support_feedback": ("support_feedback",),
    "tickets_opened": ("ticket_opened",),
    "tickets_resolved": ("ticket_resolved",),
    "shares": ("share", "content_shared"),
    "forwards": ("forward",),
    "widget_embeds": ("widget_embed",),
    "invitations": ("invite_sent",),
    "friends_added": ("add_friend",),
    "communities_created": ("create_community",),
}
PEOPLE = {"visitors": "page_view", "signups": "signup", "buyers": "purchase"}
EACH = {"page_views_per_visitor": "page_view", "app_opens_per_user": "app_open", "feed_reads_per_reader": "feed_read"}
EACH |= {"videos_per_viewer": "video_view", "feature_uses_per_user": "feature_used"}
GAP = timedelta(minutes=30)
month = pl.col("timestamp").dt.truncate("1mo").dt.date().alias("period_start")


def main(out: str, events: str, *_: str) -> None:
    """Write one number a row to a Parquet file; `events` may be a glob."""
    rows = pl.scan_parquet(events).filter(pl.col("occurred_at").is_not_null(), pl.col("event_name").is_not_null())
    renamed = {"user_id": "customer", "event_name": "event", "occurred_at": "timestamp"}
    frame = rows.select(*renamed, "value", "order_id").rename(renamed)
    frame = frame.with_columns(pl.col("customer").cast(pl.Categorical), pl.col("event").cast(pl.Categorical))
    everything = frame.collect(engine="streaming").lazy()
    parts = pl.collect_all(
        [*counts(everything), *active(everything), *sessions(everything), day_1(everything), *purchases(everything)]
    )
    pl.concat(parts, how="diagonal_relaxed").write_parquet(out)


def counts(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Events and customers of a month by name."""
    known = pl.col("customer").drop_nulls()
    names = pl.col("event").cast(pl.String)
    monthly = frame.group_by(month, names).agg(
        n=pl.len(), known=known.len().cast(pl.Int64), customers=known.n_unique().cast(pl.Int64)
    )
    monthly = monthly.collect().lazy()
    counted = [
        monthly.filter(pl.col("event").is_in(events)).group_by("period_start").agg(value=pl.col("n").sum())
        for events in COUNTED.values()
    ]
    people = [monthly.filter(event=event).select("period_start", value="customers") for event in PEOPLE.values()]
    each = [
        monthly.filter(event=event).select("period_start", value=pl.col("known") / pl.col("customers"))
        for event in EACH.values()
    ]
    tables = zip((*COUNTED, *PEOPLE, *EACH), (*counted, *people, *each), strict=True)
    return [_named(table, metric) for metric, table in tables]


def active(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Active customers of a day, week and month, and their lifecycle from month to month."""
    known = frame.filter(pl.col("customer").is_not_null(), ~pl.col("event").is_in(INACTIVE))
    days = known.select("customer", day=pl.col("timestamp").dt.date()).unique().collect().lazy()
    found = []
    for metric, every in (("daily", "1d"), ("weekly", "1w"), ("monthly", "1mo")):
        periods = days.select("customer", period_start=pl.col("day").dt.truncate(every)).unique()
        sizes = periods.group_by("period_start").agg(value=pl.len())
        found.append(_named(sizes, f"{metric}_active_customers", "customers"))
    months = days.select("customer", period_start=pl.col("day").dt.truncate("1mo")).unique()
    steps = months.sort("customer", "period_start").with_columns(
        before=pl.col("period_start").shift(1).over("customer"), after=pl.col("period_start").shift(-1).over("customer")
    )
    following = pl.col("period_start").dt.offset_by("1mo")
    came = steps.group_by("period_start").agg(
        new=pl.col("before").is_null().sum(),
        returning=(pl.col("before").dt.offset_by("1mo") == pl.col("period_start")).sum(),
        n=pl.len(),
    )
    gone = (
        steps.filter(pl.col("after").is_null() | (pl.col("after") != following))
        .group_by(following)
        .agg(dormant=pl.len())
    )
    whole = came.join(gone, on="period_start", how="left").with_columns(
        pl.col("dormant").fill_null(0), resurrected=pl.col("n") - pl.col("new") - pl.col("returning")
    )
    whole = whole.collect().lazy()
    measures = ("new", "returning", "resurrected", "dormant")
    found += [_named(whole.select("period_start", value=m), "new_customers", m) for m in measures]
    found += [_named(whole.select("period_start", value=m), f"{m}_customers") for m in measures[1:]]
    return found


def sessions(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Rows of a customer without a gap above 30 minutes, in the month in which they start."""
    rows = frame.filter(pl.col("customer").is_not_null(), ~pl.col("event").is_in(NO_SESSION))
    rows = rows.select("customer", "timestamp").sort("customer", "timestamp")
    opens = pl.col("timestamp").diff().over("customer").fill_null(timedelta(days=1)) > GAP
    each = (
        rows.with_columns(session=opens.cum_sum())
        .group_by("session")
        .agg(pl.col("customer").first(), pl.col("timestamp").first(), last=pl.col("timestamp").last(), events=pl.len())
        .with_columns(seconds=(pl.col("last") - pl.col("timestamp")).dt.total_milliseconds() / 1000)
    )
    sums = each.group_by(month).agg(
        sessions=pl.len(),
        customers=pl.col("customer").n_unique(),
        mean_seconds=pl.col("seconds").mean(),
        median_seconds=pl.col("seconds").median(),
        events_per_session=pl.col("events").mean(),
        single_event_sessions=(pl.col("events") == 1).sum(),
        total=pl.col("seconds").sum(),
    )
    sums = sums.with_columns(
        sessions_per_customer=pl.col("sessions") / pl.col("customers"),
        single_event_share=pl.col("single_event_sessions") / pl.col("sessions"),
        seconds_per_customer=pl.col("total") / pl.col("customers"),
    )
    sums = sums.collect().lazy()
    measures = (
        "sessions",
        "customers",
        "sessions_per_customer",
        "mean_seconds",
        "median_seconds",
        "events_per_session",
    )
    measures += ("single_event_sessions", "single_event_share", "seconds_per_customer")
    derived = {"visit_frequency": "sessions_per_customer", "session_duration": "mean_seconds"}
    derived |= {"time_per_customer": "seconds_per_customer"}
    found = [_named(sums.select("period_start", value=m), "sessions", m) for m in measures]
    return found + [_named(sums.select("period_start", value=m), metric) for metric, m in derived.items()]


def day_1(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Of those who first signed up on one of the last 29 days, the share active on each later one."""
    last = pl.col("timestamp").max().dt.date()
    known = frame.filter(pl.col("customer").is_not_null())
    entered = known.filter(event="signup").group_by("customer").agg(cohort_start=pl.col("timestamp").min().dt.date())
    recent = entered.join(frame.select(last=last), how="cross")
    recent = recent.filter(pl.col("cohort_start") > pl.col("last") - pl.duration(days=29))
    days = known.filter(~pl.col("event").is_in(INACTIVE)).select("customer", day=pl.col("timestamp").dt.date())
    sizes = recent.group_by("cohort_start").agg(size=pl.len())
    returned = recent.join(days, on="customer").filter(pl.col("day") >= pl.col("cohort_start")).unique()
    cells = returned.group_by("cohort_start", "day").agg(n=pl.len(), last=pl.col("last").first())
    cells = cells.join(sizes, on="cohort_start")
    index = (pl.col("day") - pl.col("cohort_start")).dt.total_days()
    shares = cells.select("cohort_start", index=index, value=pl.col("n") / pl.col("size"))
    over = cells.filter(index == 1, pl.col("day") < pl.col("last")).select(n=pl.col("n").sum())
    entitled = recent.filter(pl.col("cohort_start") + pl.duration(days=1) < pl.col("last")).select(size=pl.len())
    pooled = pl.concat([over, entitled], how="horizontal").select(index=1, value=pl.col("n") / pl.col("size"))
    table = pl.concat([shares, pooled.with_columns(index=pl.col("index").cast(pl.Int64))], how="diagonal_relaxed")
    return _named(table, "day_1_retention", "rate")


def purchases(frame: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Orders, revenue and the average order of a month."""
    sums = (
        frame.filter(event="purchase")
        .group_by(month)
        .agg(orders=pl.col("order_id").n_unique(), revenue_gross=pl.col("value").sum())
    )
    sums = sums.with_columns(average_order_value=pl.col("revenue_gross") / pl.col("orders"))
    sums = sums.collect().lazy()
    metrics = ("orders", "revenue_gross", "average_order_value")
    return [_named(sums.select("period_start", value=metric), metric) for metric in metrics]


def _named(table: pl.LazyFrame, metric: str, measure: str = "value") -> pl.LazyFrame:
    keys = [name for name in ("period_start", "cohort_start", "index") if name in table.collect_schema()]
    return table.select(
        *keys, pl.col("value").cast(pl.Float64), metric=pl.lit(metric), measure=pl.lit(measure), segments=pl.lit("")
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
