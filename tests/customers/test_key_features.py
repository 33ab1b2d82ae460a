"""Key features that are none, or stand twice."""

from __future__ import annotations

from support.commands import run

EVENTS = "user_id,event_name,occurred_at,feature\na,feature_used,2025-01-01,chart\nb,login,2025-01-05,\n"


def asked(tmp_path, configured, *command):
    (tmp_path / "e.csv").write_text(EVENTS)
    (tmp_path / "c.yaml").write_text(configured)
    return run(*command, "-c", tmp_path / "c.yaml", "--events", tmp_path / "e.csv")


def test_without_any_the_table_says_so_and_the_signals_of_the_catalogue_still_fit(tmp_path):
    done = asked(tmp_path, "key_features: []\n", "customers", "--format", "json")
    assert done.code == 0
    assert "key_features_share" not in done.json["rows"][0]
    assert {row["needs_training"] for row in done.json["rows"]} == {False}
    described = asked(tmp_path, "key_features: []\n", "customers", "--describe")
    assert "not there: key_features: names none" in described.out


def test_one_that_stands_twice_is_refused(tmp_path):
    done = asked(tmp_path, "key_features: [chart, chart]\n", "customers")
    assert done.code == 2
    assert "'chart' stands here twice" in done.err
