"""A zero on a scale is an answer, and it may be why a signal marks a customer."""

from __future__ import annotations

from support.commands import run


def test_the_lowest_answer_is_shown_and_given_as_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "e.csv").write_text("user_id,event_name,occurred_at\na,login,2025-01-01\nb,login,2025-01-05\n")
    (tmp_path / "s.csv").write_text("user_id,survey,answered_at,score\na,nps,2025-01-02,0\n")
    done = run("customer", "a", "--events", tmp_path / "e.csv", "--surveys", tmp_path / "s.csv")
    assert done.code == 0
    marked, here = done.out.splitlines()[2:4]
    assert marked.startswith("At risk")
    assert "nps 0" in here
    (said,) = (line for line in done.out.splitlines() if line.startswith("Feedback and support"))
    assert "nps 0" in said
    assert "orders" not in done.out
