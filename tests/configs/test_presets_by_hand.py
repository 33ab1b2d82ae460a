"""Exports under names that other tools use, without any mapping: the numbers of each preset, computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import run

# Two months of events of two or three customers each; the last day is incomplete and closes the one before.
EXPORTS = {
    "ecommerce": """user_id,event,timestamp,total,order_id,category
a,Product Viewed,2025-01-02T10:00:00Z,,,toys
a,Product Added,2025-01-02T10:01:00Z,,,toys
a,Checkout Started,2025-01-02T10:02:00Z,,,toys
a,Order Completed,2025-01-02T10:05:00Z,30,1,toys
a,Order Completed,2025-01-20T10:05:00Z,50,2,home
b,Product Viewed,2025-01-03T10:00:00Z,,,toys
b,Product Added,2025-01-03T10:01:00Z,,,toys
b,Order Completed,2025-01-03T10:05:00Z,40,3,toys
c,Product Viewed,2025-01-04T10:00:00Z,,,home
c,Product Added,2025-01-04T10:01:00Z,,,home
c,Product Viewed,2025-02-01T10:00:00Z,,,home
""",
    "streaming": """user_id,event,timestamp,content_id,minutes
a,playback_started,2025-01-02T20:00:00Z,x,
a,playback_ended,2025-01-02T21:30:00Z,x,90
a,playback_started,2025-01-03T20:00:00Z,y,
a,playback_ended,2025-01-03T20:30:00Z,y,30
b,playback_started,2025-01-10T20:00:00Z,x,
b,playback_ended,2025-01-10T21:00:00Z,x,60
c,title_viewed,2025-01-11T20:00:00Z,x,
a,playback_started,2025-02-01T20:00:00Z,x,
""",
    "messaging": """user_id,event,timestamp
a,chat_message,2025-01-06T10:00:00Z
a,chat_message,2025-01-06T10:04:00Z
a,photo_sent,2025-01-06T10:06:00Z
b,message_read,2025-01-06T11:00:00Z
b,message_received,2025-01-06T11:00:00Z
b,chat_message,2025-01-07T11:00:00Z
c,voice_call,2025-01-12T11:00:00Z
a,chat_message,2025-02-01T11:00:00Z
""",
    "saas": """user_id,event,timestamp,feature
a,signed_in,2025-01-02T10:00:00Z,
a,feature_activated,2025-01-02T10:01:00Z,export
a,feature_activated,2025-01-02T10:02:00Z,report
a,signed_in,2025-01-03T10:00:00Z,
b,signed_in,2025-01-04T10:00:00Z,
b,teammate_invited,2025-01-04T10:01:00Z,
a,signed_in,2025-02-01T10:00:00Z,
""",
}
EXPECTED: list[tuple[str, str, str, float]] = [
    ("ecommerce", "purchase_frequency", "2025-01-01", 3 / 2),  # orders 1, 2, 3 of a and b
    ("ecommerce", "average_order_value", "2025-01-01", (30 + 50 + 40) / 3),
    ("ecommerce", "visit_to_purchase", "2025-01-01", 2 / 3),  # a and b of a, b, c
    ("ecommerce", "checkout", "2025-01-01", 1 / 3),  # a alone went by the checkout
    ("ecommerce", "cart_abandonment", "2025-01-01", 1 / 3),  # c
    ("ecommerce", "products_per_visitor", "2025-01-01", 1),
    ("streaming", "hours_per_viewer", "2025-01-01", (90 + 30 + 60) / 60 / 2),  # a and b watched, c did not
    ("streaming", "minutes_per_view", "2025-01-01", 60),
    ("streaming", "titles_per_viewer", "2025-01-01", 3 / 2),
    ("streaming", "viewing_days_per_week", "2025-01-06", 1),  # b on the 10th; the first week began before the export
    ("messaging", "messages_per_customer_daily", "2025-01-06", 3 / 2),  # a wrote three times, b only read
    ("messaging", "messages_per_customer_daily", "2025-01-07", 1),
    ("messaging", "messages_per_customer_weekly", "2025-01-06", 4 / 3),  # a, b and c, who called
    ("messaging", "messages_per_sender", "2025-01-06", 4 / 2),
    ("messaging", "session_duration", "2025-01-01", 6 * 60 / 4),  # a's six minutes; two of b, c's call: none
    ("saas", "logins_per_user", "2025-01-01", 3 / 2),
    ("saas", "features_per_user", "2025-01-01", 2),
    ("saas", "feature_adoption", "2025-01-01", 1 / 2),
    ("saas", "inviting_customers", "2025-01-01", 1 / 2),
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What `report` says of each export under its preset."""
    base: Path = tmp_path_factory.mktemp("by-hand")
    found = {}
    for preset, export in EXPORTS.items():
        (base / f"{preset}.csv").write_text(export)
        (base / f"{preset}.yaml").write_text(f"extends: {preset}\nsources: {{events: {{path: {preset}.csv}}}}\n")
        ran = run("report", "-c", base / f"{preset}.yaml", "--format", "json", "-q")
        assert ran.code == 0, ran.err
        found[preset] = ran.json["metrics"]
    return found


@pytest.mark.parametrize(
    ("preset", "metric", "period", "value"), EXPECTED, ids=[f"{p} {m} {start}" for p, m, start, _ in EXPECTED]
)
def test_the_number_is_that_computed_by_hand(
    rows: dict[str, list[dict[str, Any]]], preset: str, metric: str, period: str, value: float
) -> None:
    of_metric = [row for row in rows[preset] if row["metric"] == metric]
    first = of_metric[0]["measure"]
    last_step = max((row["step"] or "" for row in of_metric), default="")
    found = [
        row["value"]
        for row in of_metric
        if row["measure"] == first and str(row["period_start"]).startswith(period) and (row["step"] or "") == last_step
    ]
    assert found == [pytest.approx(value, rel=1e-9)]
