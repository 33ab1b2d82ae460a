"""The very same question on unchanged files is answered without reading or measuring, and no other question is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.kept_reports import FEW, Shop
from support.whole_report import EVERY_TYPE

from engagement_cli import pipeline
from engagement_cli.engines import local
from engagement_cli.engines.canonical import canonical
from engagement_cli.engines.plan import Limits, Merged
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.cache.answers import Answers


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry a run of the engine."""
    seen: list[str] = []

    def run(plan: Any) -> Merged:
        seen.append("run")
        return local.run(plan)

    monkeypatch.setitem(pipeline.ENGINES, "local", run)
    return seen


@pytest.mark.parametrize("dedupe", ["none", "id"])
def test_every_type_of_metric_is_answered_from_what_was_kept(tmp_path: Path, runs: list[str], dedupe: str) -> None:
    shop = Shop(tmp_path, 21, dedupe)
    for day in range(4):
        shop.write(day)
    first = shop.answered()
    assert shop.answered(limits=Limits(buckets=2, threads=1)) == first
    assert runs == ["run"]
    assert shop.report() == first


CHANGES: dict[str, dict[str, Any]] = {
    "a metric": {"entries": {**FEW, "orders": EVERY_TYPE["sum"]}},
    "a metric's name": {"entries": {"active": EVERY_TYPE["active"], "sales": EVERY_TYPE["orders"]}},
    "a metric's parameters": {"entries": {**FEW, "active": {**EVERY_TYPE["active"], "every": "day"}}},
    "weights": {"settings": {"events": {"a": {"weight": 3}}}},
    "the zone": {"settings": {"timezone": "Asia/Tokyo"}},
    "the first day of the week": {"settings": {"week_start": "sunday"}},
    "exclusions": {"settings": {"exclude": {"web": {"where": "channel = 'web'"}}}},
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_question_is_measured(tmp_path: Path, runs: list[str], what: str) -> None:
    shop = Shop(tmp_path, 22, "none")
    shop.write(0)
    shop.write(1)
    given = {"entries": FEW}
    shop.answered(**given)
    changed = shop.answered(**{**given, **CHANGES[what]})
    assert len(runs) == 2
    assert changed == shop.report(**{**given, **CHANGES[what]})


def reversed_rows(file: Path) -> None:
    pl.read_parquet(file).reverse().write_parquet(file)


FILES: dict[str, Callable[[Shop], object]] = {
    "events": lambda shop: shop.write(1, shop.days[5]),
    "a day more": lambda shop: shop.write(2),
    "customers": lambda shop: reversed_rows(shop.folder / "customers.parquet"),
    "surveys touched": lambda shop: os.utime(shop.folder / "surveys.parquet"),
}


@pytest.mark.parametrize("what", FILES)
def test_other_files_are_measured(tmp_path: Path, runs: list[str], what: str) -> None:
    shop = Shop(tmp_path, 23, "none")
    shop.write(0)
    shop.write(1)
    shop.answered(entries=FEW)
    FILES[what](shop)
    assert shop.answered(entries=FEW) == shop.report(entries=FEW)
    assert len(runs) == 3


@pytest.mark.parametrize("cut", [0, 5, 200, -1, -12])
def test_a_damaged_answer_is_measured_again(tmp_path: Path, runs: list[str], cut: int) -> None:
    shop = Shop(tmp_path, 24, "none")
    shop.write(0)
    first = shop.answered(entries=FEW)
    file = Answers(shop.cache).all()[0].file
    file.write_bytes(file.read_bytes()[:cut])
    assert shop.answered(entries=FEW) == first
    assert len(runs) == 2
    assert shop.answered(entries=FEW) == first
    assert len(runs) == 2


def test_answers_take_a_tenth_of_what_is_allowed_and_those_used_last_stay(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    names = [f"{i:032x}" for i in range(4)]
    for i, name in enumerate(names[:3]):
        answers.put(name, [bytes(80)], 4000)
        os.utime(tmp_path / "answers-1" / name, (1000 + i, 1000 + i))
    assert answers.get(names[0]) == [bytes(80)]  # used now
    (tmp_path / "answers-1" / "photo.jpg").write_text("mine")
    answers.put(names[3], [bytes(40), bytes(41)], 4000)
    assert answers.get(names[3]) == [bytes(40), bytes(41)]
    assert {each.file.name for each in answers.all()} == {names[0], names[2], names[3]}
    answers.put(names[1], [bytes(300), bytes(100)], 4000)
    assert answers.get(names[1]) is None
    assert (tmp_path / "answers-1" / "photo.jpg").read_text() == "mine"


def test_canonical_texts_do_not_depend_on_order_and_refuse_what_does_not_show() -> None:
    assert canonical({"b": {1, 2}, "a": frozenset("xyz")}) == canonical({"a": frozenset("zyx"), "b": {2, 1}})
    assert canonical(("1",)) != canonical((1,))
    assert canonical(pl.Datetime("us", "UTC")) != canonical(pl.Datetime("us"))
    assert canonical(Settings.model_validate({"timezone": "UTC"})) != canonical(
        Settings.model_validate({"timezone": "Asia/Tokyo"})
    )
    with pytest.raises(TypeError):
        canonical(object())
