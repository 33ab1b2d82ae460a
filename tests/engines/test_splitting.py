"""Buckets that turn out too large, as where the number of rows was guessed wrongly, are measured in shares."""

from __future__ import annotations

import random

import pytest
from support.whole_report import as_json, every_type, random_sources

from engagement_cli.engines import local
from engagement_cli.engines.plan import Limits
from engagement_cli.engines.sizing import Sizes


@pytest.mark.parametrize(("buckets", "most_rows"), [(1, 40), (2, 60), (3, 1)])
def test_a_report_measured_in_shares_is_the_same(buckets: int, most_rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = random_sources(random.Random(7))
    whole = as_json(every_type(sources, Limits(buckets=1, threads=1)))
    monkeypatch.setattr(local, "sizes", lambda *given: Sizes(buckets, 100, 5_000, 2, most_rows))
    assert as_json(every_type(sources, Limits())) == whole
