"""Metrics divided by what the customer table says: rules, cuts, bands, rungs; and what is wrong with rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import Ran, run
from support.profiles import configured, profiles_of

from engagement_cli.engines.plan import Limits

EVENTS = """
    customer,event,timestamp,value
    ann,signup,2024-11-01T00:00:00Z,
    ann,use,2025-01-06T10:00:00Z,
    ann,use,2025-01-07T10:00:00Z,
    ann,tag,2025-01-07T11:00:00Z,
    ann,purchase,2025-01-08T10:00:00Z,30
    bob,signup,2025-01-05T00:00:00Z,
    bob,use,2025-01-06T10:00:00Z,
    bob,purchase,2025-01-10T10:00:00Z,10
    cyd,signup,2025-01-20T00:00:00Z,
    dan,signup,2024-12-01T00:00:00Z,
    dan,tag,2024-12-02T00:00:00Z,
    eve,purchase,2025-02-02T00:00:00Z,70
    ,use,2025-01-06T10:00:00Z,
"""
SOURCES: dict[str, str] = {
    "events": EVENTS,
    "surveys": """
        customer,survey,timestamp,score
        ann,nps,2025-01-10T00:00:00Z,10
        bob,nps,2025-01-10T00:00:00Z,6
        cyd,nps,2025-01-25T00:00:00Z,9
        sam,nps,2025-01-25T00:00:00Z,0
    """,
    "subscriptions": """
        customer,plan,started,ended,mrr
        ann,pro,2024-12-01,,20
        bob,pro,2025-01-05,,20
        dan,pro,2024-12-01,2025-01-15,5
    """,
    "customers": """
        customer,referred_by
        bob,ann
    """,
}
# Raw scores: ann 2 + 1 + 2, bob 1 + 2 + signup 0; cyd, dan and sam 0. Tenure: 92, 27, 12, 62 days; sam has none.
SETTINGS: dict[str, Any] = {
    "events": {
        "use": {"weight": 1},
        "tag": {"weight": 1, "degree": "low"},
        "purchase": {"weight": 2},
        "signup": {"weight": 0},
    },
    "active": {"events": ["use", "tag", "purchase", "signup"]},
    "score": {"bands": {"low": 0, "high": 60}},
    "segments": {
        "buyer": {"where": "orders > 0"},
        "tenure": {"column": "tenure_days", "cut": [30, 90]},
        "rich": {"column": "revenue", "cut": [20]},
    },
    "signals": {"keen": {"where": "raw >= 3", "reason": "did much"}},
}


def values(entry: dict[str, Any], measure: str, **more: Any) -> dict[str, Any]:
    """A measure of one metric by segment, in one bucket and in seven."""
    given = {"settings": configured(SETTINGS), "asked": {"as_of": "2025-02-01"}, "columns": (), **more}
    tables = [
        profiles_of(**given, metrics={"it": entry}, limits=Limits(buckets=n), **SOURCES)
        .outcome.answer.metrics[0]
        .view.table
        for n in (1, 7)
    ]
    assert tables[0].equals(tables[1])
    return dict(tables[0].select("segments", measure).rows())


def test_counts_by_a_rule_add_up_and_nobody_is_in_no_segment() -> None:
    entry = {"type": "aggregate", "count": "events", "every": "total", "by": ["buyer"]}
    found = values(entry, "value")
    assert found == {"": 12, "buyer=(none)": 1, "buyer=false": 3, "buyer=true": 8}


def test_sums_by_cut_points() -> None:
    entry = {"type": "aggregate", "sum": "value", "every": "total", "by": ["rich"]}
    assert values(entry, "value") == {"": 40, "rich=<20": 10, "rich=>=20": 30}


def test_customers_by_days_of_tenure() -> None:
    entry = {"type": "aggregate", "count": "customers", "every": "total", "by": ["tenure"]}
    assert values(entry, "value") == {"": 4, "tenure=30-90": 1, "tenure=<30": 2, "tenure=>=90": 1}


def test_a_ratio_by_a_signal() -> None:
    entry = {
        "type": "ratio",
        "numerator": {"count": "events", "events": ["use"]},
        "denominator": {"count": "customers", "events": ["signup"]},
        "where": "customer IS NOT NULL",
        "every": "total",
        "by": ["keen"],
    }
    assert values(entry, "numerator") == {"": 3, "keen=false": 0, "keen=true": 3}
    assert values(entry, "denominator") == {"": 4, "keen=false": 2, "keen=true": 2}


def test_a_funnel_by_band_and_rung() -> None:
    entry = {"type": "funnel", "steps": ["signup", "purchase"], "window": "90d", "by": ["band", "rung"]}
    given = {"settings": configured(SETTINGS), "asked": {"as_of": "2025-02-01"}, "columns": ()}
    table = profiles_of(**given, metrics={"it": entry}, **SOURCES).outcome.answer.metrics[0].view.table
    assert {tuple(row) for row in table.select("segments", "step", "customers").rows()} == {
        ("", 1, 4),
        ("", 2, 2),
        ("band=high;rung=low", 1, 1),
        ("band=high;rung=low", 2, 1),
        ("band=high;rung=none", 1, 1),
        ("band=high;rung=none", 2, 1),
        ("band=low;rung=none", 1, 2),
        ("band=low;rung=none", 2, 0),
    }


def test_retention_by_what_was_bought() -> None:
    entry = {
        "type": "retention",
        "start": "signup",
        "return": "use",
        "every": "month",
        "entry": "first_time",
        "by": ["rfm_segment"],
    }
    found = profiles_of(
        configured(SETTINGS), asked={"as_of": "2025-02-01"}, columns=(), metrics={"it": entry}, **SOURCES
    ).outcome.answer.metrics[0]
    cohort = found.view.table.filter(cohort_start="2025-01-01", period=0)
    # Ann and bob bought once each: bob last (4 and 3, loyal), ann first (2 and 3, slipping).
    assert dict(cohort.select("segments", "eligible").rows()) == {
        "": 2,
        "rfm_segment=(none)": 1,
        "rfm_segment=loyal": 1,
        "rfm_segment=slipping": 0,
    }


def test_a_survey_and_a_subscription_by_signal() -> None:
    nps = {"type": "survey", "measure": "nps", "every": "total", "by": ["keen"]}
    assert values(nps, "n") == {"": 4, "keen=false": 2, "keen=true": 2}
    assert values(nps, "nps") == {"": 0, "keen=false": 0, "keen=true": 0}
    churn = {"type": "subscription", "measure": "churn_rate", "every": "month", "by": ["keen"]}
    asked = {"since": "2025-01-01", "as_of": "2025-02-01"}
    assert values(churn, "churn_rate", asked=asked) == {"": 0.5, "keen=false": 1.0, "keen=true": 0.0}


def test_the_score_by_rung() -> None:
    score = {"type": "score", "every": "total", "by": ["rung"]}
    assert values(score, "mean_raw") == {"": 8 / 5, "rung=low": 5, "rung=none": 3 / 4}
    assert values(score, "customers") == {"": 5, "rung=low": 1, "rung=none": 4}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
    return tmp_path


def asked(project: Path, lines: str, *arguments: str, sources: tuple[str, ...] = tuple(SOURCES)) -> Ran:
    """A command under a configuration that extends the packaged one."""
    file = project / "engagement.yaml"
    file.write_text(f"extends: default\n{lines}")
    given = [part for name in sources for part in (f"--{name}", str(project / f"{name}.csv"))]
    return run(*arguments, "-c", str(file), *given, "--as-of", "2025-02-01")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("signals:\n  odd: {where: scroe > 3, reason: x}", ["no column 'scroe'", ":3 signals.odd.where", "'score'"]),
        ("signals:\n  odd: {where: raw +, reason: x}", ["cannot read the SQL `raw +`", ":3 signals.odd.where"]),
        ("signals:\n  odd: {where: raw + 1, reason: x}", ["is no condition", ":3 signals.odd.where"]),
        ("signals:\n  odd: {where: raw > 'x', reason: x}", ["does not fit the customer table", ":3 signals.odd.where"]),
        ("signals:\n  odd: {where: raw > AVG(raw), reason: x}", ["more than one row", ":3 signals.odd.where"]),
        ("signals:\n  odd: {where: NOT odd, reason: x}", ["'odd' reads itself: odd → odd", ":3 signals.odd.where"]),
        (
            "signals:\n  odd: {where: even, reason: x}\n  even: {where: NOT odd, reason: x}",
            ["odd → even → odd", ":3 signals.odd.where", "even → odd → even", ":4 signals.even.where"],
        ),
        ("signals:\n  band: {where: raw > 3, reason: x}", ["a column 'band' of its own", ":3 signals.band.where"]),
        ("signals:\n  odd: {where: _worth > 3, reason: x}", ["no column '_worth'", ":3 signals.odd.where"]),
        ("profile:\n  rfm:\n    best: recency > 3", ["no column 'recency'", ":4 profile.rfm.best", "'recency_score'"]),
    ],
)
def test_a_rule_that_does_not_fit_says_where_it_stands(project: Path, lines: str, said: list[str]) -> None:
    found = asked(project, lines, "customers" if "rfm" in lines else "report")
    assert found.code == 2, found
    for words in said:
        assert words in found.err


def test_a_segment_by_rule_is_judged_where_it_is_used(project: Path) -> None:
    lines = "segments:\n  rich: {where: valeu > 3}\n"
    assert asked(project, lines, "report").code == 0
    found = asked(project, lines, "sessions", "--by", "rich")
    assert found.code == 2
    assert "no column 'valeu'" in found.err and ":3 segments.rich.where" in found.err


def test_explain_says_who_is_at_risk(project: Path) -> None:
    found = asked(project, "", "explain", "at_risk", "--ids", "--format", "json")
    behind = {(row["customer"], row["role"]) for row in found.json["rows"]}
    # Bob and sam are detractors; ann and dan used to come a day after the other; cyd came once, so has no usual gap.
    assert {who for who, role in behind if role == "numerator"} == {"ann", "bob", "dan", "sam"}
    assert {who for who, role in behind if role == "denominator"} == {"ann", "bob", "cyd", "dan", "sam"}
    by_band = asked(project, "", "explain", "at_risk", "--by", "band")
    assert by_band.code == 0
    assert "band=low" in by_band.out


@pytest.mark.parametrize("missing", ["surveys", "subscriptions", "customers"])
def test_without_a_source_signals_that_read_it_are_unavailable_unless_others_fit(project: Path, missing: str) -> None:
    sources = tuple(name for name in SOURCES if name != missing)
    rows = {r["metric"]: r for r in asked(project, "", "report", "--format", "json", sources=sources).json["metrics"]}
    assert "at_risk" in rows
    if missing == "surveys":
        assert "influential_detractor" not in rows
    if missing == "subscriptions":
        assert "upsell_ready" not in rows and "trial_ready" not in rows


def test_a_filter_sees_the_columns_of_the_table_as_they_are() -> None:
    sources = {**SOURCES, "customers": "customer,ended,time\nann,x,y\nbob,z,y"}
    rich = {
        "type": "distribution",
        "of": "paying",
        "where": "mrr > 10 AND ended = 'x' AND last_seen > DATE '2025-01-01'",
    }
    found = profiles_of(
        configured(SETTINGS), asked={"as_of": "2025-02-01"}, columns=(), metrics={"it": rich}, **sources
    ).outcome.answer.metrics[0]
    assert found.view.table.select("value", "customers").rows() == [("yes", 1)]


def test_check_finds_rules_that_do_not_fit(project: Path) -> None:
    lines = "segments:\n  rich: {where: valeu > 3}\nsignals:\n  odd: {where: odd, reason: x}\n"
    found = asked(project, lines, "check", "--format", "json")
    assert found.code == 1
    rules = [finding for finding in found.json["rows"] if finding["code"] == "predicate"]
    told = [(finding["what"], finding["where"]) for finding in rules]
    assert [what for what, _ in told] == [
        "the customer table has no column 'valeu'",
        "the rule 'odd' reads itself: odd → odd",
    ]
    assert "segments.rich.where" in told[0][1] and ":5 " in told[1][1]


def test_a_column_that_cannot_be_made_divides_nothing_and_says_why(project: Path) -> None:
    found = asked(project, "", "sessions", "--by", "nps_group", sources=("events",))
    assert found.code == 2
    assert "there is no nps_group to divide by: no surveys export" in found.err
