"""Reports are the same to the byte whatever happens to what earlier ones kept, and to the disk."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.kept_reports import FEW, Shop

from engagement_cli.errors import UserError
from engagement_cli.timeline.cache.writer import Writer


def test_damage_that_shows_while_measuring_costs_time_and_no_number(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 11, "none")
    for day in range(4):
        shop.write(day)
    first = shop.kept(entries=FEW)
    data = next(shop.cache.rglob("data"))
    place = shop.segments()[0].manifest.blocks["rows"][2]
    content = bytearray(data.read_bytes())
    content[place.offset + place.length // 2] ^= 4
    data.write_bytes(content)
    assert shop.kept(entries=FEW) == first
    assert len(shop.segments()) == 1
    assert shop.kept(entries=FEW) == first


def test_without_room_nothing_is_kept_and_one_warning_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, 12, "none")
    shop.write(0)

    def full(*given: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "_add", full)
        assert shop.kept(entries=FEW) == shop.report(entries=FEW)
    assert len(shop.told) == 1
    assert "No space left" in shop.told[0]
    assert list(shop.cache.rglob("new-*")) == []
    for limit in (100, 1500):  # it is not begun, and given up
        assert shop.report(terms=shop.terms(limit=limit), entries=FEW) == shop.report(entries=FEW)
        assert shop.segments() == []
        assert list(shop.cache.rglob("new-*")) == []
    assert len(shop.told) == 1  # larger than it may be: nothing is wrong


def test_a_folder_that_cannot_be_is_a_warning(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 13, "none")
    shop.write(0)
    shop.cache.write_text("a file")
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)
    assert len(shop.told) == 1


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 14, "none")
    shop.write(0, shop.days[0].with_columns(timestamp=pl.lit(None, pl.Datetime("us"))))
    with pytest.raises(UserError):
        shop.kept(entries=FEW)
    assert list(shop.cache.rglob("data")) == []


def test_reports_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 15, "none")
    for day in range(3):
        shop.write(day)
    whole = shop.report(entries=FEW)
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(lambda _: shop.kept(entries=FEW), range(6))) == {whole}
        clearing = [pool.submit(shop.terms().shelf.keep_to, 0) for _ in range(3)]
        assert {shop.kept(entries=FEW) for _ in clearing} == {whole}
    assert shop.kept(entries=FEW) == whole
    assert not shop.told
    assert list(shop.cache.rglob("new-*")) == []


def test_what_is_kept_stays_within_its_size(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 16, "none")
    for day in range(3):
        shop.write(day)
    shop.kept(entries=FEW)
    limit = int(1.5 * shop.segments()[0].size)
    other = {"exclude": {"web": {"where": "channel = 'web'"}}}
    shop.report(terms=shop.terms(limit=limit), entries=FEW, settings=other)
    assert len(shop.segments()) == 1
    assert sum(each.size for each in shop.terms().shelf.all()) <= limit
