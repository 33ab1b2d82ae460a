from __future__ import annotations

import pytest
from settings.conftest import Load

from engagement_cli.errors import UserError


def test_an_amount_is_a_number_or_has_dates_or_is_a_list_of_both(load: Load) -> None:
    text = "costs: {campaign: {a: 12.5, b: {amount: 3, from: 2025-05-01, until: 2025-05-03}, c: [1, {amount: 2}]}}"
    account = load(text).settings.costs["campaign"]
    assert [s.amount for s in account["a"]] == [12.5]
    assert str(account["b"][0].start) == "2025-05-01"
    assert [s.amount for s in account["c"]] == [1, 2]
    assert not account["a"][0].dated


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("a lot", "is no amount"),
        ("{amount: 3, from: 2025-05-01}", "from: and until: go together"),
        ("{amount: 3, from: 2025-05-01, until: 2025-05-01}", "does not come after"),
        ("{amount: -3}", "at least 0"),
        ("{amount: 3, to: 2025-05-01}", "unknown key 'to'"),
        ("[]", "no amount is given"),
    ],
)
def test_a_wrong_amount_is_told_with_its_line(load: Load, amount: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        load(f"costs:\n  campaign:\n    spring: {amount}")
    (problem,) = error.value.problems
    assert said in problem.what
    assert "engagement.yaml:3 costs.campaign.spring" in str(problem.where)
