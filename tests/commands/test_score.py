"""`engagement score`: one row a customer, its bands, and what is refused."""

from __future__ import annotations

import polars as pl
import pytest
from support.commands import run

from engagement_cli.commands.scoring import best_first


def test_one_row_a_customer_the_highest_first() -> None:
    rows = run("score", "--sample", "--format", "json", "--quiet").json["rows"]
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert len({row["customer"] for row in rows}) == len(rows)
    first = rows[0]
    parts = [value for name, value in first.items() if name.startswith("contribution_")]
    assert sum(parts) == pytest.approx(first["raw"])


def test_a_band_and_the_first_of_it() -> None:
    rows = run("score", "--sample", "--band", "high", "--top", 3, "--format", "json", "--quiet").json["rows"]
    assert [row["band"] for row in rows] == ["high"] * 3


def test_sensitivity_has_two_rows_an_event() -> None:
    rows = run("score", "--sample", "--sensitivity", "--format", "json", "--quiet").json["rows"]
    assert {row["weight_change"] for row in rows} == {-0.2, 0.2}
    assert all(0 <= row["share_changing_band"] <= 1 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--band", "hi"), "did you mean 'high'?"),
        (("--by", "plan"), "no breakdown"),
    ],
)
def test_what_it_cannot_do_is_said(arguments: tuple[str, ...], said: str) -> None:
    ran = run("score", "--sample", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_equal_scores_are_in_the_order_of_the_raw_score_then_of_the_id():
    table = pl.DataFrame({"customer": ["c", "b", "a", "d"], "score": [0.0, 0.0, 0.0, 9.0], "raw": [-5, -1, -5, 10]})
    assert best_first(table)["customer"].to_list() == ["d", "b", "a", "c"]
