"""Which column a breakdown means."""

from __future__ import annotations

import pytest

from engagement_cli.errors import UserError
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.segments import find_segment

COLUMNS = {
    "events": {"channel", "country", "utm.source"},
    "customers": {"country", "seats", "plan"},
    "subscriptions": {"plan", "seats"},
}


@pytest.mark.parametrize(
    ("name", "source", "column"),
    [
        ("channel", "events", "channel"),
        ("country", "customers", "country"),  # before that of the events
        ("events.country", "events", "country"),
        ("seats", "customers", "seats"),
        ("customers.country", "customers", "country"),
        ("subscriptions.plan", "subscriptions", "plan"),
        ("utm.source", "events", "utm.source"),
        ("events.utm.source", "events", "utm.source"),
    ],
)
def test_a_name_is_sought_in_customers_subscriptions_and_events(name: str, source: str, column: str) -> None:
    found = find_segment(name, Settings(), COLUMNS)
    assert (found.name, found.source, found.column) == (name, source, column)


def test_a_configured_segment_names_its_column_and_cut() -> None:
    settings = Settings.model_validate({"segments": {"size": {"column": "subscriptions.seats", "cut": [10, 50]}}})
    found = find_segment("size", settings, COLUMNS)
    assert (found.source, found.column, found.cut) == ("subscriptions", "seats", (10, 50))


@pytest.mark.parametrize("name", ["contry", "customers.channel", "nothing.at.all"])
def test_an_unknown_name_is_a_mistake_with_a_suggestion(name: str) -> None:
    with pytest.raises(UserError, match="no segment or column") as error:
        find_segment(name, Settings(), COLUMNS)
    assert error.value.problems[0].where == f"by: {name}"
    if name == "contry":
        assert "country" in str(error.value.problems[0].hint)
