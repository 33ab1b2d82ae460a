from __future__ import annotations

import polars as pl
import pytest

from engagement_cli.setup.preset import fitting_preset, own_vocabularies

VOCABULARIES = {
    "news": {"article_view", "paywall_hit", "topic", "alert"},
    "social": {"follow", "dm", "repost", "alert"},
}


def counted(**rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"event": list(rows), "rows": list(rows.values())}, schema={"event": pl.String, "rows": pl.UInt32}
    )


def test_three_names_of_a_preset_speak_for_it() -> None:
    assert fitting_preset(counted(article_view=9, paywall_hit=3, topic=1, login=50), VOCABULARIES) == "news"
    assert fitting_preset(counted(article_view=9, paywall_hit=3, login=50), VOCABULARIES) is None


def test_names_that_hardly_occur_speak_for_nothing() -> None:
    assert fitting_preset(counted(article_view=1, paywall_hit=1, topic=1, login=28), VOCABULARIES) is None
    assert fitting_preset(counted(article_view=1, paywall_hit=1, topic=1, login=27), VOCABULARIES) == "news"


def test_the_most_names_win_and_a_tie_is_no_choice() -> None:
    rows = {"article_view": 9, "paywall_hit": 3, "topic": 1, "alert": 9, "follow": 50, "dm": 50}
    assert fitting_preset(counted(**rows), VOCABULARIES) == "news"
    assert fitting_preset(counted(**rows, repost=1), VOCABULARIES) is None


def test_an_export_without_events_fits_nothing() -> None:
    assert fitting_preset(counted(), VOCABULARIES) is None


@pytest.mark.parametrize("preset", ["social", "fitness", "elearning", "news"])
def test_the_names_of_a_preset_are_those_that_the_catalogue_lacks(preset: str) -> None:
    own = own_vocabularies()
    assert "default" not in own
    assert not own[preset] & {"login", "page_view", "comment", "purchase"}
    assert len(own[preset]) > 30
