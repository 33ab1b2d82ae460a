"""`where:` over surveys, subscriptions, audience and the customer table: columns as users see them."""

from __future__ import annotations

import pytest
from support.commands import run

SUBSCRIPTIONS = (
    "user_id,plan,started_at,ended_at,mrr\na,pro,2025-01-01,,60\nb,pro,2025-01-10,,40\nc,free,2025-02-10,,0\n"
)
SURVEYS = "user_id,survey,answered_at,score\na,nps,2025-01-05,9\nb,nps,2025-02-05,3\n"
AUDIENCE = "date,account,followers,mentions\n2025-01-01,main,10,4\n2025-02-01,main,12,5\n"
EVENTS = "user_id,event_name,occurred_at\na,login,2025-01-01\nb,login,2025-03-01\n"


@pytest.fixture
def options(tmp_path):
    exports = {"events": EVENTS, "surveys": SURVEYS, "subscriptions": SUBSCRIPTIONS, "audience": AUDIENCE}
    found = []
    for name, text in exports.items():
        (tmp_path / f"{name}.csv").write_text(text)
        found += [f"--{name}", tmp_path / f"{name}.csv"]
    return found


def explained(tmp_path, options, entry):
    (tmp_path / "c.yaml").write_text(f"extends: none\nmetrics:\n  m: {entry}\n")
    return run("explain", "m", "-c", tmp_path / "c.yaml", *options)


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("{type: aggregate, source: subscriptions, count: rows, every: total, where: 'mrr > 50'}", "1"),
        ("{type: aggregate, source: subscriptions, sum: mrr, every: total, where: 'mrr < 50'}", "40"),
        ("{type: aggregate, source: subscriptions, count: rows, where: \"started > DATE '2025-02-01'\"}", "1"),
        (
            "{type: aggregate, source: surveys, count: rows, every: total, where: \"timestamp < DATE '2025-02-01'\"}",
            "1",
        ),
        ("{type: aggregate, source: audience, sum: mentions, every: total, where: \"date >= DATE '2025-01-15'\"}", "5"),
    ],
)
def test_money_is_money_and_instants_have_their_names(tmp_path, options, entry, value):
    done = explained(tmp_path, options, entry)
    assert done.code == 0
    assert f"value: {value}\n" in done.out


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("plan = 3", "does not fit the subscriptions export"),
        ("plan", "is no condition: it gives String"),
        ("mrr + 1", "is no condition: it gives Float64"),
        ("started > '2025-01-01'", "write dates as DATE '2025-06-30'"),
    ],
)
@pytest.mark.parametrize(
    "entry", ["type: aggregate, source: subscriptions, count: rows", "type: subscription, measure: mrr"]
)
def test_what_is_no_condition_on_them_is_said(tmp_path, options, entry, where, said):
    done = explained(tmp_path, options, f'{{{entry}, where: "{where}"}}')
    assert done.code == 2
    assert said in done.err


def test_the_customer_table_is_called_so(tmp_path, options):
    done = explained(tmp_path, options, "{type: distribution, of: band, where: nope > 1}")
    assert "no column 'nope' in the customer table" in done.err
    done = explained(tmp_path, options, "{type: distribution, of: band, where: band = 3}")
    assert (done.code, "does not fit the customer table" in done.err) == (2, True)
    done = explained(tmp_path, options, "{type: aggregate, source: profiles, count: rows, where: band = 3}")
    assert (done.code, "does not fit the customer table" in done.err) == (2, True)
