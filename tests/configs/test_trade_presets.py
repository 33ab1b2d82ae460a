"""What the presets saas, ecommerce, streaming and messaging are for, judged by SQL over the raw files of a sample."""

from __future__ import annotations

import pytest
from support.presets import judge_once, judged, measured_once, sessions

from engagement_cli.settings.walk import event_names

SYSTEM = "'email_delivered', 'email_opened', 'ad_impression', 'ticket_replied', 'ticket_resolved', 'refund'"
VISITS = f"event NOT IN ({SYSTEM})"
BOUGHT = "event = 'purchase'"
WATCHED = "event = 'video_watched'"
SENT = "event IN ('message_sent', 'file_sent', 'sticker_sent')"
# What each sector's sample has that is of no weight above zero, so no activity.
PASSIVE = f"{SYSTEM}, 'ticket_opened', 'email_unsubscribed', 'cancel_page', 'contact_blocked', 'removed_from_list'"
ACTIVE = f"event NOT IN ({PASSIVE})"
PER_CUSTOMER = "count(*) / count(DISTINCT customer)"
BY_SENDERS_AND_READERS = f"count(*) FILTER ({SENT}) / count(DISTINCT customer)"
VALUE = "sum(try_cast(value AS DOUBLE))"


def known(predicate: str) -> str:
    return f"(SELECT * FROM e WHERE customer IS NOT NULL AND {predicate})"


def begun(predicate: str, minutes: int) -> str:
    return f"(SELECT *, begun AS ts FROM {sessions(predicate, minutes)})"


JUDGED = [
    ("ecommerce", "purchase_frequency", "month", "count(DISTINCT order_id) / count(DISTINCT customer)", known(BOUGHT)),
    ("ecommerce", "average_order_value", "month", f"{VALUE} / count(DISTINCT order_id)", f"e WHERE {BOUGHT}"),
    ("ecommerce", "wishes", "month", "count(*)", "e WHERE event = 'wishlist_add'"),
    ("ecommerce", "products_per_visitor", "month", PER_CUSTOMER, known("event = 'product_view'")),
    (
        "ecommerce",
        "searching_customers",
        "month",
        "count(DISTINCT customer) FILTER (event = 'search') / count(DISTINCT customer)",
        known(ACTIVE),
    ),
    (
        "streaming",
        "hours_per_viewer",
        "month",
        "sum(minutes::DOUBLE) / 60 / count(DISTINCT customer)",
        known(WATCHED),
    ),
    ("streaming", "viewers", "month", "count(DISTINCT customer)", f"e WHERE {WATCHED}"),
    ("streaming", "minutes_per_view", "month", "avg(minutes::DOUBLE)", f"e WHERE {WATCHED}"),
    (
        "streaming",
        "titles_per_viewer",
        "month",
        "count(DISTINCT (customer, content_id)) / count(DISTINCT customer)",
        known(WATCHED),
    ),
    (
        "streaming",
        "viewing_days_per_week",
        "week",
        "count(DISTINCT (customer, ts::DATE)) / count(DISTINCT customer)",
        known(WATCHED),
    ),
    ("streaming", "visit_frequency", "month", PER_CUSTOMER, begun(VISITS, 120)),
    ("messaging", "messages_per_customer_daily", "day", BY_SENDERS_AND_READERS, known(ACTIVE)),
    ("messaging", "messages_per_customer_weekly", "week", BY_SENDERS_AND_READERS, known(ACTIVE)),
    ("messaging", "messages_per_sender", "week", PER_CUSTOMER, known(SENT)),
    ("messaging", "session_duration", "month", "avg(seconds)", begun(VISITS, 30)),
    ("messaging", "messages", "month", "count(*)", f"e WHERE {SENT}"),
    ("saas", "logins_per_user", "month", PER_CUSTOMER, known("event = 'login'")),
    ("saas", "invitations", "month", "count(*)", "e WHERE event = 'invite_sent'"),
    ("saas", "feature_uses_per_user", "month", PER_CUSTOMER, known("event = 'feature_used'")),
]


@pytest.mark.parametrize(
    ("preset", "metric", "every", "value", "table"), JUDGED, ids=[f"{preset} {metric}" for preset, metric, *_ in JUDGED]
)
def test_the_number_is_that_of_sql_over_the_raw_files(
    tmp_path_factory: pytest.TempPathFactory, preset: str, metric: str, every: str, value: str, table: str
) -> None:
    found = measured_once(preset, tmp_path_factory.getbasetemp())
    expected = judged(judge_once(found.folder), every, value, table)
    values = found.values(metric)
    assert len(values) > 3
    assert values == {period: pytest.approx(expected[period], rel=1e-9) for period in values}


def test_a_shop_has_no_subscriptions_and_what_needs_them_is_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = measured_once("ecommerce", tmp_path_factory.getbasetemp())
    assert not (found.folder / "subscriptions.csv").exists()
    assert found.outcome.answer.unavailable["mrr"] == "no subscriptions export"


def test_abandoned_carts_are_those_of_sql(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of the customers with a cart in a month, those who bought nothing within 14 days of any cart of it."""
    found = measured_once("ecommerce", tmp_path_factory.getbasetemp())
    carts = """
        (SELECT c.customer, date_trunc('month', c.ts) AS ts, bool_or(b.ts IS NOT NULL) AS bought
         FROM e c LEFT JOIN e b ON b.customer = c.customer AND b.event = 'purchase'
              AND b.ts BETWEEN c.ts AND c.ts + INTERVAL 14 DAY
         WHERE c.event = 'add_to_cart' AND c.customer IS NOT NULL GROUP BY ALL)"""
    expected = judged(judge_once(found.folder), "month", "avg((NOT bought)::INT)", carts)
    values = found.values("cart_abandonment")
    assert len(values) > 3
    assert values == {month: pytest.approx(expected[month], rel=1e-9) for month in values}


def test_whatever_a_shop_reads_of_purchases_it_reads_under_all_their_names(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    settings = measured_once("ecommerce", tmp_path_factory.getbasetemp()).session.settings
    names = set(settings.profile.purchases)
    assert names > {"purchase", "order_placed", "Order Completed"}
    reading = {name: {event for _, event in event_names(p)} for name, p in settings.metrics.items()}
    assert len([name for name, events in reading.items() if "purchase" in events]) > 15
    assert [name for name, events in reading.items() if "purchase" in events and not names <= events] == []


@pytest.mark.parametrize("preset", ["saas", "ecommerce", "streaming", "messaging"])
def test_what_the_preset_names_comes_first_in_each_section(
    tmp_path_factory: pytest.TempPathFactory, preset: str
) -> None:
    found = measured_once(preset, tmp_path_factory.getbasetemp())
    settings = found.session.settings
    measured = tuple(name for name in settings.metrics if name not in settings.signals)
    assert measured[: len(found.own)] == found.own


@pytest.mark.parametrize("preset", ["saas", "ecommerce", "streaming", "messaging"])
def test_the_report_fits_what_can_be_read(tmp_path_factory: pytest.TempPathFactory, preset: str) -> None:
    found = measured_once(preset, tmp_path_factory.getbasetemp())
    shown = found.session.reported().keys() - found.outcome.answer.unavailable.keys()
    assert 40 <= len(shown) <= 90
