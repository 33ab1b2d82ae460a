from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from render import answers

from engagement_cli.records import replace
from engagement_cli.render import charts
from engagement_cli.render.charts import CHARTS
from engagement_cli.render.documents import Rows, ViewPage
from engagement_cli.render.draw import draw
from engagement_cli.render.layout import Layout
from engagement_cli.render.pages.document import page_of
from engagement_cli.results import Finished, Measure, View


def text(name: str, metric: Finished, *, width: int = 160, styled: bool = False) -> str:
    return draw(page_of(ViewPage(name, {}, metric, answers.answer([metric]))), Layout(width, styled))


def rows_of(shown: str, start: str) -> list[str]:
    return [" ".join(row.split()) for row in shown.splitlines() if row.startswith(start)]


def test_the_chart_registry_and_the_folder_agree() -> None:
    folder = Path(charts.__file__).parent
    assert {file.stem for file in folder.glob("*.py")} - {"__init__", "chart"} == set(CHARTS)


def test_retention_is_a_triangle_of_cohorts_and_periods() -> None:
    shown = rows_of(text("retention", answers.retention()), "2025-W2")
    assert shown[0] == "2025-W21 412 100.0 60.9 47.1 40.0 35.9"
    assert shown[3] == "2025-W24 431 100.0 57.3 44.1 37.6 *"
    assert shown[5] == "2025-W26 29 100.0 55.2 *"


def test_the_pooled_row_leaves_incomplete_cells_out() -> None:
    assert rows_of(text("retention", answers.retention()), "pooled") == ["pooled 100.0 58.6 45.6 39.3 35.6"]


def test_the_triangle_is_shaded_on_a_terminal_and_numbers_alone_under_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    assert "\x1b[38;2;255;255;255;48;2;23;37;84m100.0" in text("retention", answers.retention(), styled=True)
    monkeypatch.setenv("NO_COLOR", "1")
    bare = text("retention", answers.retention(), styled=True)
    assert "48;2;" not in bare and "100.0" in bare


def test_cells_without_a_value_are_blank_and_unmarked() -> None:
    metric = answers.retention()
    table = metric.view.table.with_columns(
        flags=pl.lit("small_n"), rate=pl.when(pl.col("period") < 2).then("rate"), complete=pl.col("period") == 0
    )
    shown = text("retention", replace(metric, view=replace(metric.view, table=table)))
    assert rows_of(shown, "2025-W21") == ["2025-W21 412 100.0 † 60.9 *†"]


def test_nothing_is_marked_and_explained_where_there_is_no_value_at_all() -> None:
    metric = answers.retention()
    table = metric.view.table.with_columns(flags=pl.lit("small_n"), rate=pl.lit(None, pl.Float64))
    shown = text("retention", replace(metric, rows=metric.rows.clear(), view=replace(metric.view, table=table)))
    assert "†" not in shown


@pytest.mark.parametrize(("n", "mark"), [(29, True), (30, False)])
def test_pooled_and_mean_of_few_are_marked(n: int, mark: bool) -> None:
    metric = answers.retention()
    means = [{"period": p, "eligible": n, "retained": 3, "rate": 0.1, "ci_low": 0.05, "ci_high": 0.15} for p in (3, 4)]
    shown = text("retention", replace(metric, view=replace(metric.view, totals={"mean": means})))
    assert rows_of(shown, "pooled") == [
        "pooled 100.0 58.6 45.6 10.0 10.0".replace("10.0 10.0", "10.0 † 10.0 †")
        if mark
        else "pooled 100.0 58.6 45.6 10.0 10.0"
    ]
    assert rows_of(shown, "     4 ") == [f"4 {n} 3 10.0 % ± 5.0 pp{' †' if mark else ''}"]
    assert "Ci low" not in shown and "ci low" not in shown
    assert ("† small n" in shown) == mark


def test_a_triangle_by_segment_is_one_a_segment() -> None:
    metric = answers.retention()
    both = [metric.view.table.with_columns(segments=pl.lit(f"plan={plan}")) for plan in ("pro", "free")]
    shown = text("retention", replace(metric, view=replace(metric.view, table=pl.concat(both))))
    assert rows_of(shown, "plan=") == ["plan=pro", "plan=free"]
    assert len(rows_of(shown, "2025-W21")) == 2


def test_later_periods_are_left_out_of_a_narrow_triangle_and_named() -> None:
    shown = text("retention", answers.retention(), width=40)
    assert "To fit 40 columns: left out 3, 4" in shown
    assert rows_of(shown, "2025-W21") == ["2025-W21 412 100.0 60.9 47.1"]


def test_a_funnel_has_bars_of_those_left() -> None:
    shown = text("funnel", answers.funnel())
    bars = [row.split()[-1] for row in shown.splitlines() if row.endswith(("█", "▏"))]
    assert bars == ["█" * 20, "█████▏", "██"]
    assert "± 0.5 pp" in shown and "1 h 10 min" in shown and "~ provisional" in shown


@pytest.mark.parametrize("width", [80, 60])
def test_a_narrow_funnel_keeps_the_interval_and_gives_up_the_bar_before_it(width: int) -> None:
    shown = text("funnel", answers.funnel(), width=width)
    assert "95 % CI" in shown and "± 0.5 pp" in shown
    assert max(len(row) for row in shown.splitlines()) <= width
    assert ("█" in shown) == (width == 80)


def test_a_lifecycle_stacks_who_is_there_and_who_left() -> None:
    shown = text("lifecycle", answers.lifecycle())
    assert "░░░░░│██████▓▓▓▓▓▓▓▓▓▓" in shown
    assert "‡ the history begins here: everyone is new" in shown


def test_stickiness_shows_bars_and_the_ratio_beside() -> None:
    shown = text("stickiness", answers.stickiness())
    assert rows_of(shown, "        2 ") == ["2 200 270 ███████▊"]
    assert "Ratio: 0.215" in shown


def test_a_view_without_a_chart_is_a_plain_table_with_incomplete_rows_marked() -> None:
    metric = answers.simple("visits", "count", [100.0, 110.0, 7.0])
    shown = text("visits", metric)
    assert rows_of(shown, "Jul 2025") == ["Jul 2025 7 1,202 *"]
    assert "* incomplete period" in shown
    assert shown.splitlines()[1].startswith("by calendar month")


@pytest.mark.parametrize("name", list(CHARTS))
def test_a_chart_without_its_columns_falls_back_to_the_table(name: str) -> None:
    assert "110" in text(name, answers.simple("visits", "count", [100.0, 110.0, 7.0]))


@pytest.mark.parametrize("name", [*CHARTS, "other"])
def test_a_view_without_rows_says_so(name: str) -> None:
    metric = answers.simple("visits", "count", [1.0])
    assert "No rows." in text(name, replace(metric, view=replace(metric.view, table=metric.view.table.clear())))


def view(table: dict[str, list[Any]], *measures: Measure, **fields: Any) -> Finished:
    frame = pl.DataFrame(table | {"segments": [""] * 2, "complete": [True] * 2})
    return answers.finished("m", View(frame, measures, tuple(table), **fields), [])


def test_columns_are_shown_by_their_measures_unit_or_their_name() -> None:
    table = {"spent": [1.5, None], "took_seconds": [90.0, 3.0], "share": [0.5, 0.25], "ok": [True, False]}
    shown = text("m", view(table, Measure("spent", "EUR"), Measure("share", "share")))
    assert rows_of(shown, "1.50 EUR") == ["1.50 EUR 1.5 min 50.0 % yes"]
    assert "3.0 s" in shown and "no" in shown


def test_a_narrow_table_gives_up_columns_from_the_right_but_not_the_first_measure() -> None:
    table = {"step": ["a", "b"], "first": [1, 2], "x" * 30: [3, 4], "value": [5, 6]}
    shown = text("m", view(table, Measure("value", "count")), width=40)
    assert f"left out {'x' * 30}" in " ".join(shown.split())
    assert rows_of(shown, "a ") == ["a 1 5"]


def test_the_interval_of_a_total_stands_behind_its_number() -> None:
    totals = {"stickiness": 0.215, "customers": 782, "ci_low": 0.2, "ci_high": 0.23}
    shown = text("m", view({"a": [1, 2]}, totals=totals))
    assert "Stickiness: 21.5 % (95 % CI ± 1.5 pp)\nCustomers: 782\n" in shown
    table = {"segments": ["plan=pro"], "stickiness": [0.2], "customers": [20], "ci_low": [0.1], "ci_high": [0.4]}
    shown = text("m", view({"a": [1, 2]}, totals={"by_segment": pl.DataFrame(table)}))
    assert rows_of(shown, "plan=pro") == ["plan=pro 20.0 % 10.0–40.0 % 20 †"]


def test_a_second_interval_is_called_after_its_measure() -> None:
    columns = {c: [0.5, 0.6] for c in ("csat", "ci_low", "ci_high", "mean", "mean_low", "mean_high")}
    of = (Measure("csat", "share", ci_low="ci_low", ci_high="ci_high"),)
    shown = text("m", view(columns, *of, Measure("mean", "score", ci_low="mean_low", ci_high="mean_high")))
    assert " 95 % CI " in shown and "95 % CI of mean" in shown


def test_a_number_that_is_missing_is_a_dash_and_a_text_that_is_missing_blank() -> None:
    columns = {"step": ["a", "b"], "share": [0.5, None], "note": [None, "why"], "n": [None, 3], "never": [None] * 2}
    shown = text("m", view(columns, Measure("share", "share")))
    assert rows_of(shown, "a ") == ["a 50.0 % –"] and rows_of(shown, "b ") == ["b – why 3"]
    assert "never" not in shown
    assert text("m", view({"share": [None, None]}, Measure("share", "share"))).count("–") == 2


def test_totals_are_below_by_unit_and_tables_under_their_name() -> None:
    totals = {"rate": 0.25, "median_seconds": 90.0, "by_kind": {"a": 1, "b": 2}, "bands": [{"band": "low", "n": 1200}]}
    shown = text("m", view({"a": [1, 2]}, totals=totals))
    assert "Rate: 25.0 %\nMedian time: 1.5 min\nBy kind: a 1, b 2\n\nBands\n\nband      n\nlow   1,200\n" in shown


def test_wide_characters_keep_columns_aligned() -> None:
    shown = draw(page_of(Rows("", pl.DataFrame({"name": ["日本", "abc"], "n": [1, 22]}))), Layout(80))
    assert shown == "name   n\n日本   1\nabc   22\n"


def test_rows_use_the_units_given() -> None:
    rows = Rows(
        "Scores", pl.DataFrame({"customer": ["0001"], "raw": [2.0], "rate": [0.5]}), {"rate": "share"}, notes=["why"]
    )
    assert draw(page_of(rows), Layout(80)) == "Scores\n\ncustomer  raw  rate\n0001        2  50.0 %\n\nwhy\n"


def test_rows_without_rows_say_so() -> None:
    assert draw(page_of(Rows("Scores", pl.DataFrame({"a": []}))), Layout(80)) == "Scores\nNo rows.\n"
