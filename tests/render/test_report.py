from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from render import answers

from engagement_cli.records import replace
from engagement_cli.render.documents import Report
from engagement_cli.render.draw import draw
from engagement_cli.render.layout import Layout
from engagement_cli.render.pages.document import page_of
from engagement_cli.render.pages.headline import headlines
from engagement_cli.results import Finished, Measure


def text(*metrics: Finished, width: int = 160, customers: int | None = None) -> str:
    return draw(page_of(Report(answers.answer(metrics), customers)), Layout(width))


def line(shown: str, label: str) -> str:
    return next(row for row in shown.splitlines() if row.startswith(label))


def test_the_latest_complete_period_is_shown() -> None:
    shown = line(text(answers.simple("visits", "count", [100.0, 110.0, 7.0])), "Visits")
    assert "110" in shown and "Jun 2025" in shown and "▲ +10.0 %" in shown
    assert "*" not in shown


def test_an_incomplete_period_is_shown_and_marked_only_where_there_is_no_other() -> None:
    shown = text(answers.simple("visits", "count", [7.0]))
    assert "7 *" in line(shown, "Visits") and "Jul 2025" in line(shown, "Visits")
    assert "* incomplete period" in shown


def test_the_trend_has_the_last_twelve_complete_periods() -> None:
    metric = answers.simple("visits", "count", [float(n) for n in range(20)])
    (_, found), *_ = headlines(metric, None)
    assert found.trend == tuple(float(n) for n in range(7, 19))


def test_cohorts_are_pooled_at_the_last_interval_that_one_has_completed() -> None:
    (_, found), *_ = headlines(answers.retention(), None)
    # Two cohorts have completed week 4: 148 of 412 and 137 of 388 came back.
    assert (found.label, found.period, found.row["n"]) == ("Week-4 retention", "2 cohorts", 800)
    assert found.row["value"] == pytest.approx(285 / 800)
    assert found.row["ci_low"] is None


def test_a_pooled_row_of_the_view_brings_its_interval() -> None:
    metric = answers.retention()
    row = {"period": 4, "rate": 0.35625, "eligible": 800, "retained": 285, "ci_low": 0.33, "ci_high": 0.3825}
    pooled = replace(metric, view=replace(metric.view, totals={"pooled": [row]}))
    (_, found), *_ = headlines(pooled, None)
    assert (found.row["value"], found.row["ci_low"], found.row["ci_high"]) == (0.35625, 0.33, 0.3825)


@pytest.mark.parametrize(
    ("label", "shown"),
    [("Retention", "Week-4 retention"), ("Onboarding", "Onboarding · week 4"), ("Week 4 return", "Week 4 return")],
)
def test_a_retention_says_which_interval(label: str, shown: str) -> None:
    (_, found), *_ = headlines(answers.retention(label=label), None)
    assert found.label == shown


@pytest.mark.parametrize(("label", "period", "n"), [("Week 2 return", 2, 1636), ("Week-9 retention", None, None)])
def test_a_label_that_names_an_interval_has_the_number_of_that_one_or_none(
    label: str, period: int | None, n: int | None
) -> None:
    (_, found), *_ = headlines(answers.retention(label=label), None)
    assert (found.label, found.row["index"], found.row["n"]) == (label, period, n)
    assert "· week" not in text(answers.retention(label=label))


def test_the_metric_s_own_pooled_rows_are_searched_for_the_interval_that_the_label_names() -> None:
    metric = answers.retention(label="Week-3 retention")
    one = metric.rows.head(1).with_columns(cohort_start=pl.lit(None, pl.String))
    own = [one.with_columns(index=pl.lit(n, pl.Int64), value=pl.lit(n / 10)) for n in range(5)]
    (_, found), *_ = headlines(replace(metric, rows=pl.concat([metric.rows, *own])), None)
    assert (found.label, found.row["value"]) == ("Week-3 retention", 0.3)


def test_a_funnel_shows_its_last_step_by_name() -> None:
    (_, found), *_ = headlines(answers.funnel(), answers.THROUGH)
    assert (found.label, found.period, found.named) == ("Checkout · purchase", "181 days", ("provisional",))
    assert found.row["value"] == pytest.approx(1204 / 12031)


def test_only_the_first_measure_is_in_the_report() -> None:
    metric = answers.simple("visits", "count", [100.0, 110.0, 7.0])
    other = metric.rows.with_columns(measure=pl.lit("other"), value=pl.lit(999.0))
    view = replace(metric.view, measures=(*metric.view.measures, Measure("other", "count")))
    assert "999" not in text(replace(metric, rows=pl.concat([other, metric.rows]), view=view))


@pytest.mark.parametrize(
    ("better", "values", "shown"),
    [
        ("higher", [0.10, 0.12, 0.1], "▲ +2.0 pp"),
        ("higher", [0.12, 0.10, 0.1], "▼ −2.0 pp !"),
        ("lower", [0.10, 0.12, 0.1], "▲ +2.0 pp !"),
        ("lower", [0.12, 0.10, 0.1], "▼ −2.0 pp"),
        (None, [0.12, 0.10, 0.1], "▼ −2.0 pp"),
        ("higher", [0.12, 0.12, 0.1], "= 0.0 pp"),
    ],
)
def test_a_change_has_an_arrow_and_a_mark_where_it_is_for_the_worse(better: str, values: list[Any], shown: str) -> None:
    whole = text(answers.simple("rate", "share", values, better=better))
    assert shown in line(whole, "Rate")
    assert ("!" in line(whole, "Rate")) == shown.endswith("!") == ("! moved the wrong way" in whole)


@pytest.mark.parametrize(
    ("unit", "values", "shown"),
    [
        ("number", [0.02, -0.173, 0.1], "▼ −0.193 !"),
        ("count", [-84340.0, -47740.0, 1.0], "▲ +36,600"),
        ("EUR", [-10.0, -10.0, 1.0], "= 0.00 EUR"),
    ],
)
def test_a_change_of_what_is_negative_is_in_its_own_unit(unit: str, values: list[Any], shown: str) -> None:
    assert shown in line(text(answers.simple("mood", unit, values)), "Mood")


def test_sections_come_in_the_order_of_the_four_dimensions_and_value_then_others() -> None:
    names = ["value", None, "influence", "support", "intimacy", "involvement", "interaction"]
    shown = text(*(answers.simple(f"m_{n}", "count", [1.0, 2.0], dimension=n) for n in names))
    wanted = ["Involvement", "Interaction", "Intimacy", "Influence", "Value", "Support", "Other"]
    assert [row for row in shown.splitlines() if row in wanted] == wanted


def test_segments_are_indented_below_the_total() -> None:
    rows = text(answers.by_plan()).splitlines()
    place = next(i for i, row in enumerate(rows) if row.startswith("Active customers"))
    assert rows[place + 1].startswith("  plan=pro ") and rows[place + 2].startswith("  plan=free ")
    assert "2,251 †" in rows[place + 2]


def test_many_segments_are_counted_rather_than_listed() -> None:
    metric = answers.by_plan()
    total = metric.rows.filter(pl.col("segments") == "")
    parts = [total.with_columns(segments=pl.lit(f"country={n}")) for n in range(40)]
    shown = text(replace(metric, rows=pl.concat([total, *parts])))
    assert shown.count("country=") == 12
    assert "… 28 more segments" in shown


def test_the_heading_says_how_much_data_there_is() -> None:
    shown = text(customers=1)
    assert shown.splitlines()[1] == "Data through 2025-06-30 · as of 2025-07-01 · 1 customer · 1,190,000 rows used"
    assert "− 12 unparseable − 3,120 excluded as internal − 11,419 outside the range = 1,190,000 used" in shown
    assert "bots" not in shown
    assert "2 metrics could not be computed: engagement metrics list --available" in shown


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 240])
def test_no_line_is_wider_than_asked_and_numbers_stay_whole(width: int) -> None:
    metrics = answers.report().metrics
    shown = text(*metrics, width=width)
    assert max(len(row) for row in shown.splitlines()) <= width
    assert "91,231 EUR ?" in shown and "1 h 15 min" in shown
    assert ("To fit" in shown) == (width < 160)


def test_a_long_goal_is_shortened_before_benchmark_and_n_are_left_out() -> None:
    goal = {"target": "increase 20 % within a quarter from 2025-07-01", "label": "A label of some length, in words"}
    metrics = [
        answers.simple("a", "share", [0.5, 0.6, 0.1], half=0.1, benchmark="3 % (a survey of the whole sector)", **goal),
        answers.simple("b", "share", [0.5, 0.6, 0.1], half=0.1, target_value=0.7, target="at least 70 %", status="met"),
    ]
    shown = text(*metrics, width=150)
    assert "increase 20 % with" in shown and "from 2025-07-01" not in shown and "≥ 70 %" in shown
    assert "1,201" in line(shown, "A label") and "3 % (a survey" in shown
    assert max(len(row) for row in shown.splitlines()) <= 150


def test_a_missing_value_is_marked_only_by_what_says_why() -> None:
    shown = text(answers.simple("a", "share", [None, None, 0.1], flags="small_n", n=3))
    assert "†" not in shown
    shown = text(answers.simple("a", "EUR", [None, None, 0.1], flags="no_amounts;small_n"))
    assert "– ¶" in line(shown, "A") and "¶ no amounts in the export" in shown


def test_what_is_left_out_is_named() -> None:
    shown = " ".join(text(*answers.report().metrics, width=80).split())
    assert "To fit 80 columns: left out trend, target, status, benchmark, n" in shown


def test_nothing_ever_reads_nan_or_none() -> None:
    shown = text(*answers.report().metrics).lower()
    assert "nan" not in shown.split() and "none" not in shown.split()


def test_a_label_cannot_steer_the_terminal() -> None:
    shown = text(answers.simple("x", "count", [1.0, 2.0], label="evil\x1b[2J\nlabel [red]x[/red]"))
    assert "evil\ufffd[2J label [red]x[/red]" in shown


def test_forty_metrics_keep_their_columns_aligned() -> None:
    metrics = [answers.simple(f"metric_{n}", "share", [n / 50, n / 40, 0.5], half=0.01) for n in range(40)]
    rows = [row for row in text(*metrics, width=80).splitlines() if row.startswith("Metric ")]
    assert len(rows) == 40
    assert len({row.index(" %") for row in rows}) == 1
    assert len({row.index("Jun 2025") for row in rows}) == 1
