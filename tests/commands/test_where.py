"""SQL from the shell: mistakes are told in the user's own words, and say which option they stand in."""

from __future__ import annotations

import pytest
from support.commands import run


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("value > 'a'", "the SQL `value > 'a'` does not fit its columns"),
        ("user_id ~ '('", "does not fit its columns: regex"),
        ("user_id IN (SELECT 1)", "looks at more than one row"),
        ("EXISTS (SELECT 1)", "looks at more than one row"),
        ("unnest(user_id) = 'a'", "looks at more than one row"),
        ("1 = 1; DROP TABLE x", "cannot read the SQL"),
        ("", "cannot read the SQL"),
    ],
)
def test_mistakes_name_the_option(sql, said):
    done = run("stickiness", "--sample", "--active", "signup", "--where", sql)
    assert done.code == 2
    assert said in done.err
    assert "--where" in done.err
    assert "coalesce" not in done.err


def test_endless_sql_is_cut_in_messages():
    done = run("stickiness", "--sample", "--active", "signup", "--where", "(" * 5000)
    assert done.code == 2
    assert len(done.err) < 2000


@pytest.mark.parametrize("comment", ["-- only these", "/* only these */"])
def test_a_comment_changes_nothing(comment):
    plain, noted = (
        run("stickiness", "--sample", "--active", "feature_used", "--where", sql, "--format", "csv").out
        for sql in ("country = 'FR'", f"country = 'FR' {comment}")
    )
    assert plain == noted


def test_where_all_rows_are_left_out_it_says_by_what():
    done = run("stickiness", "--sample", "--active", "signup", "--where", "1 = 0")
    assert done.code == 6
    assert "left out by where of 33," in done.err


def test_an_exclusion_of_that_name_stays(tmp_path):
    (tmp_path / "e.csv").write_text("user_id,event,timestamp\nu1,a,2025-01-01\nu2,b,2025-01-02\nu3,c,2025-01-03\n")
    config = tmp_path / "c.yaml"
    config.write_text("version: 1\nextends: none\nexclude: {where: {where: \"event = 'a'\"}}\n")
    done = run(
        *("stickiness", "-c", config, "--events", tmp_path / "e.csv", "--active", "sql: TRUE"),
        *("--where", "event <> 'b'", "--format", "json"),
    )
    assert done.json["waterfall"]["excluded"] == {"where": 1, "--where": 1}
    assert done.json["waterfall"]["used"] == 1


def test_a_funnel_of_too_many_steps_says_how_many_it_takes():
    done = run("funnel", "--sample", *["--step", "signup"] * 31)
    assert done.code == 2
    assert "at most 30 entries can stand here" in done.err
    assert "--step" in done.err
