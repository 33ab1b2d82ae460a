"""`customers`, `customer ID` and `segments`: the table, one screen about one person, how customers are divided."""

from __future__ import annotations

import csv
import io

import pytest
from support.commands import run


def rows(*arguments: str) -> list[dict[str, object]]:
    return run("customers", "--sample", "--format", "json", "--quiet", *arguments).json["rows"]


def test_a_file_has_every_column_and_the_customers_by_id() -> None:
    done = run("customers", "--sample", "--format", "csv", "--quiet")
    table = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["customer"] for row in table] == sorted(row["customer"] for row in table)
    wanted = {"score", "band", "trend", "rung", "involvement", "influence", "rfm_segment", "mrr", "nps", "top_hour"}
    assert wanted | {"at_risk", "signals", "reasons", "country", "contribution_login"} <= set(table[0])


def test_a_signal_is_told_with_its_reason_in_words() -> None:
    marked = [row for row in rows("--having", "at_risk") if row["customer"]]
    assert marked
    for row in marked:
        assert "at_risk" in str(row["signals"]).split("; ")
        assert "engagement down by 30 %" in str(row["reasons"])


def test_chosen_columns_sorted_and_cut() -> None:
    found = rows("--column", "value", "--column", "band", "--sort", "-value", "--top", "3")
    assert [list(row) for row in found] == [["customer", "value", "band"]] * 3
    values = [row["value"] for row in found]
    assert values == sorted(values, reverse=True)
    assert values[0] == max(row["value"] for row in rows("--column", "value"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--column", "scor"), "did you mean 'score'"),
        (("--having", "scor > 3"), "did you mean 'score'"),
        (("--having", "score >"), "cannot read the SQL"),
        (("--having", "score + 1"), "not yes or no"),
        (("--having", 'plan = "business"'), "single quotes: 'business'"),
        (("--sort", "-nothing"), "no column 'nothing'"),
        (("--by", "plan"), "engagement segments"),
    ],
)
def test_mistakes_are_said_with_what_to_do(arguments: tuple[str, ...], says: str) -> None:
    done = run("customers", "--sample", *arguments)
    assert done.code == 2
    assert says in done.err
    assert not done.out


def test_every_column_is_described() -> None:
    described = {
        row["column"]: row["says"]
        for row in run("customers", "--sample", "--describe", "--format", "json", "--quiet").json["rows"]
    }
    shown = set(rows("--top", "1")[0]) - {"customer"}
    assert {name for name in shown if not name.startswith("contribution_")} <= set(described)
    assert all(described.values())


def test_what_the_exports_lack_is_said_of_each_column(tmp_path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("customer,event,timestamp\na,visit,2025-01-01\nb,visit,2025-01-02\n")
    told = run("customers", "--events", str(events), "--describe", "--format", "json").json["rows"]
    says = {row["column"]: row["says"] for row in told}
    assert says["nps"] == "not there: no surveys export"
    assert says["mrr"] == "not there: no subscriptions export"
    assert says["tickets_overdue"] == "not there: no column 'ticket_id' in the events export"
    refused = run("customers", "--events", str(events), "--column", "nps")
    assert refused.code == 2
    assert "no surveys export" in refused.err


def test_a_profile_is_one_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first = rows("--having", "signals <> '' AND paying", "--top", "1")[0]
    name = str(first["customer"])
    page = run("customer", name, "--sample", "--quiet").out
    assert f"Customer {name}" in page
    assert len(page.splitlines()) <= 50
    for part in ("Who:", "Value:", "Engagement:", "What they do", "What changed in 28 days"):
        assert part in page
    assert str(first["reasons"]).split("; ")[0][:40] in page.replace("\n", " ")


def test_the_profile_has_the_numbers_of_the_table() -> None:
    of_all = {str(row["customer"]): row for row in rows()}
    name = next(iter(of_all))
    profile = run("customer", name, "--sample", "--format", "json", "--quiet").json
    assert profile["rows"][0] == of_all[name]
    times = [row["time"] for row in profile["latest"]]
    assert times == sorted(times, reverse=True)


def test_a_signal_is_told_with_what_its_rule_has_found() -> None:
    silent = rows("--having", "at_risk AND days_silent > 30 AND nps IS NULL AND relative_change IS NULL", "--top", "1")
    page = run("customer", str(silent[0]["customer"]), "--sample", "--quiet").out
    told = next(line for line in page.splitlines() if line.startswith("  here: days silent"))
    assert f"days silent {silent[0]['days_silent']:.1f} d" in told


def test_rows_of_one_order_are_one_event_of_the_profile(tmp_path) -> None:
    lines = ["user_id,event_name,occurred_at", *["u,login,2025-05-01T10:00:00Z"] * 2]
    lines += [*["u,purchase,2025-05-02T10:00:00Z"] * 12, "u,login,2025-05-03T10:00:00Z"]
    (tmp_path / "e.csv").write_text("\n".join(lines) + "\n")
    page = run("customer", "u", "--events", tmp_path / "e.csv", "--quiet").out
    assert "latest: 2025-05-02 10:00 purchase × 12 · 2025-05-01 10:00 login × 2\n" in page


def test_an_id_that_is_not_there_suggests_one() -> None:
    done = run("customer", "00000l", "--sample")
    assert done.code == 2
    assert "no customer '00000l'" in done.err
    assert "did you mean" in done.err


def test_segments_have_the_numbers_of_the_table() -> None:
    divided = run("segments", "--sample", "--format", "json", "--quiet").json["rows"]
    table = rows()
    for metric, column in (("ladder", "rung"), ("engagement_bands", "band"), ("value_influence_matrix", "quadrant")):
        found = {row["value"]: row["customers"] for row in divided if row["metric"] == metric and not row["segments"]}
        assert found == {value: sum(row[column] == value for row in table) for value in found}
        assert sum(found.values()) == len(table)
    advocates = [row for row in divided if row["segments"] == "advocacy=advocate"]
    assert sum(row["customers"] for row in advocates) == sum(row["advocacy"] == "advocate" for row in table)


def test_segments_by_one_are_side_by_side_in_their_order() -> None:
    done = run("segments", "--sample", "--by", "band", "--format", "json", "--quiet").json
    assert [row["band"] for row in done["rows"]] == [None, "low", "medium", "high", "top"]
    table = rows()
    for row in done["rows"][1:]:
        mine = [person for person in table if person["band"] == row["band"]]
        assert row["known_customers"] == len(mine)


def test_the_report_draws_ladder_and_matrix_below_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = run("report", "--sample", "--quiet").out
    assert "Ladder of engagement degrees (" in page
    assert "Value × influence (" in page
    low, high = page.index("low influence"), page.index("high influence")
    assert low < high
    assert "\nSignals\n" in page


def test_the_signals_of_the_report_are_those_of_the_table() -> None:
    report = run("report", "--sample", "--format", "json", "--quiet").json["metrics"]
    table = rows()
    signals = {row["metric"]: row for row in report if row["dimension"] == "signals" and row["measure"] == "share"}
    assert {"at_risk", "upsell_ready", "needs_training", "fan"} <= set(signals)
    for name, row in signals.items():
        assert row["numerator"] == sum(bool(person[name]) for person in table)
        assert row["denominator"] == len(table)


def test_a_configuration_that_divides_nobody_is_told_so(tmp_path) -> None:
    (tmp_path / "engagement.yaml").write_text("extends: none\nevents: {visit: {weight: 1}}\n")
    (tmp_path / "events.csv").write_text("customer,event,timestamp\na,visit,2025-01-01\nb,visit,2025-01-02\n")
    done = run("segments", "-c", tmp_path / "engagement.yaml", "--events", tmp_path / "events.csv")
    assert done.code == 2
    assert "no metric of type distribution" in done.err
    assert "--by" in done.err
