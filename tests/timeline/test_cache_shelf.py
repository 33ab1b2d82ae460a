"""The folder of kept segments: damage is noticed and removed, nothing foreign is, and the size is kept to."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.choice import MOST, choose
from engagement_cli.timeline.cache.files import File
from engagement_cli.timeline.cache.segment import DATA, MANIFEST, Segment
from engagement_cli.timeline.cache.shelf import Kept, Shelf
from engagement_cli.timeline.cache.terms import MOST_BYTES, Terms
from engagement_cli.timeline.cache.unfinished import is_abandoned
from engagement_cli.timeline.cache.writer import FullError, Writer
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Lot
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part, Sheet
from engagement_cli.timeline.rows import NO_NUMBER, Rows
from engagement_cli.timeline.spread import Read

RECIPE = "0123456789abcdef" * 2
DEMAND = Demand(predicates=("a > 1",), numbers=("value",), things=("order",), texts=("channel",))
KINDS = Kinds(("buy", "buy"), {"a > 1": np.array([False, True])}, {"channel": (None, "web")}, np.zeros(2, dtype=bool))
READ = Read(KINDS, np.arange(2, dtype=np.uint32), Facts(7, 9, np.array([3]), 1_000_000), np.array([4, 1]), None)


def part(seed: int = 1) -> Part:
    dice = np.random.default_rng(seed)
    count = 40
    customer = np.sort(dice.integers(0, 6, count)).astype(np.uint32)
    time_ = dice.integers(-(10**17), 10**17, count) if seed % 2 else dice.integers(0, 50, count) * 86_400_000_000
    number = np.where(dice.random(count) < 0.5, NO_NUMBER, dice.integers(-(10**12), 10**12, count))
    thing = np.where(dice.random(count) < 0.5, 0, dice.integers(1, 2**63, count)).astype(np.uint64)
    kind = dice.integers(0, 2, count).astype(np.uint32)
    rows = Rows(customer, time_, kind)
    valued = Rows(customer, time_, kind, {"value": number}, {"order": thing})
    nobody = Rows(np.zeros(3, np.uint32), time_[:3], kind[:3])
    nobody_valued = Rows(np.zeros(0, np.uint32), time_[:0], kind[:0], {"value": number[:0]}, {"order": thing[:0]})
    hashes = np.sort(dice.integers(0, 2**63, 6)).astype(np.uint64) * np.uint64(2)
    mark = dice.integers(0, 2**63, count).astype(np.uint64)
    return Part(
        hashes,
        Sheet(Lot(rows, mark), Lot(nobody, mark[:3])),
        Sheet(Lot(valued, mark), Lot(nobody_valued, mark[:0])),
        duplicates=seed,
    )


def write(shelf: Shelf, name: str = "a", *, files: int = 1, buckets: int = 2, demand: Demand = DEMAND) -> Kept:
    writer = Writer(shelf.new(RECIPE), 10**9)
    for bucket in range(buckets):
        writer.add(bucket, part(bucket))
    home = shelf.home(RECIPE, (name * 32)[:32])
    own = tuple(File(f"/exports/{name}{i}", 5, f"{name}{i}") for i in range(files))
    writer.finish(home, READ, files=own, demand=demand, settled=True)
    return next(each for each in shelf.of_recipe(RECIPE) if each.folder == home)


def columns(lot: Lot) -> list[list[int]]:
    rows, identity = lot.rows, lot.identity
    every = [rows.customer, rows.time, rows.kind, *rows.numbers.values(), *rows.things.values()]
    return [column.tolist() for column in every] + ([] if identity is None else [identity.tolist()])


def every_lot(part: Part) -> list[Lot]:
    assert part.valued is not None
    return [part.rows.known, part.rows.nobody, part.valued.known, part.valued.nobody]


def test_a_segment_gives_back_what_was_written(tmp_path: Path) -> None:
    kept = write(Shelf(tmp_path))
    segment = Segment(kept.folder, 2, valued=True)
    for bucket in (1, 0):
        found, given = segment.part(bucket, keep=True, identities=True), part(bucket)
        assert found.hashes.tolist() == given.hashes.tolist()
        assert found.duplicates == given.duplicates
        for one, other in zip(every_lot(found), every_lot(given), strict=True):
            assert columns(one) == columns(other)
            assert one.rows.customer.dtype == one.rows.kind.dtype == np.uint32
    less = segment.part(0, keep=True)
    assert less.rows.known.identity is None
    assert segment.read.kinds.events == KINDS.events
    assert segment.read.kinds.texts == KINDS.texts
    assert segment.read.kinds.flags["a > 1"].tolist() == [False, True]
    assert segment.read.fates.tolist() == [4, 1]
    assert segment.read.facts is not None
    assert (segment.read.facts.first, segment.read.facts.quarter_hours.tolist()) == (7, [3])
    segment.close()


def test_shares_of_a_bucket_are_its_customers_and_all_its_rows(tmp_path: Path) -> None:
    kept = write(Shelf(tmp_path), buckets=1)
    whole = Segment(kept.folder, 1, valued=True)
    given = whole.part(0, keep=True, identities=True)
    shared = Segment(kept.folder, 4, valued=True)
    for identities in (True, False):
        shares = [shared.part(i, keep=True, identities=identities) for i in range(4)]
        assert [h for share in shares for h in share.hashes.tolist()] == given.hashes.tolist()
        assert sum(share.duplicates for share in shares) == given.duplicates
        for i, lot in enumerate(every_lot(given)):
            rows = [row for share in shares for row in every_lot(share)[i].rows.time.tolist()]
            assert sorted(rows) == sorted(lot.rows.time.tolist())
        for share in shares:
            assert len(share.rows.known) == 0 or share.rows.known.rows.customer.max() < len(share.hashes)
    whole.close()
    shared.close()


def flip(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)


def forge(folder: Path, **changes: object) -> None:
    """Another manifest, with the checksum that belongs to it."""
    body = json.dumps({**json.loads((folder / MANIFEST).read_bytes().split(b"\n", 1)[1]), **changes}).encode()
    (folder / MANIFEST).write_bytes(b"%08x\n" % zlib.crc32(body) + body)


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a bit of the data": lambda folder: flip(folder / DATA, 100),
    "the last bit of the data": lambda folder: flip(folder / DATA, -1),
    "data cut off": lambda folder: os.truncate(folder / DATA, 500),
    "no data": lambda folder: (folder / DATA).unlink(),
    "a bit of the manifest": lambda folder: flip(folder / MANIFEST, 60),
    "an empty manifest": lambda folder: os.truncate(folder / MANIFEST, 0),
    "a foreign manifest": lambda folder: (folder / MANIFEST).write_text("{}"),
    "fewer than no buckets": lambda folder: forge(folder, buckets=-3),
    "unknown rows": lambda folder: forge(folder, rows=None),
    "no ticks": lambda folder: forge(folder, ticks_per_second=0),
    "no files": lambda folder: forge(folder, files=[]),
    "an end without a beginning": lambda folder: forge(folder, first=None),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_noticed_and_removed(tmp_path: Path, kind: str) -> None:
    shelf = Shelf(tmp_path)
    kept = write(shelf)
    DAMAGE[kind](kept.folder)
    with pytest.raises(DamagedError):
        segment = Segment(kept.folder, 2, valued=True)
        try:
            segment.part(0, keep=True, identities=True)
        finally:
            segment.close()
    assert not kept.folder.exists()
    assert shelf.of_recipe(RECIPE) == []


def test_any_flipped_bit_is_noticed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = write(shelf)
    content = (kept.folder / DATA).read_bytes()
    manifest = (kept.folder / MANIFEST).read_bytes()
    for at in range(3, len(content), 97):
        kept.folder.mkdir(parents=True, exist_ok=True)
        (kept.folder / DATA).write_bytes(content)
        (kept.folder / MANIFEST).write_bytes(manifest)
        flip(kept.folder / DATA, at)
        with pytest.raises(DamagedError):
            segment = Segment(kept.folder, 2, valued=True)
            try:
                for bucket in range(2):
                    segment.part(bucket, keep=True, identities=True)
            finally:
                segment.close()


def test_who_reads_is_not_disturbed_by_who_removes(tmp_path: Path) -> None:
    kept = write(Shelf(tmp_path))
    segment = Segment(kept.folder, 2, valued=True)
    kept.remove()
    assert segment.part(1, keep=True).hashes.tolist() == part(1).hashes.tolist()
    segment.close()


def test_nothing_foreign_is_removed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    write(shelf)
    mine = [tmp_path / "thesis.txt", tmp_path / "timelines-1" / "notes.txt", tmp_path / ("f" * 32) / "photo.jpg"]
    for file in mine:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("mine")
    shelf.keep_to(0)
    assert shelf.all() == []
    assert all(file.read_text() == "mine" for file in mine)


def test_those_used_longest_ago_go_first(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = {name: write(shelf, name) for name in "abc"}
    for age, name in enumerate("bac"):
        os.utime(kept[name].folder / MANIFEST, (1e9 - age, 1e9 - age))
    size = kept["a"].size
    shelf.keep_to(2 * size)
    assert {each.folder for each in shelf.all()} == {kept["a"].folder, kept["b"].folder}
    kept["a"].touch()
    shelf.keep_to(size)
    assert [each.folder for each in shelf.all()] == [kept["a"].folder]


def test_what_another_process_began_and_left_is_removed_and_what_it_is_writing_is_not(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    writing = Writer(shelf.new(RECIPE), 10**9)
    folder = next((tmp_path / "timelines-1" / RECIPE).iterdir())
    mark, host, _, name = folder.name.split("-")
    dead = folder.with_name("-".join([mark, host, str(2**22 + 1), name]))  # more than any process has
    elsewhere = folder.with_name("-".join([mark, "00000000", "1", name]))
    for each in (dead, elsewhere):
        each.mkdir()
    shelf.keep_to(10**9)
    assert folder.exists()
    assert elsewhere.exists()
    assert not dead.exists()
    assert is_abandoned(elsewhere, time.time() - 2 * 86_400)
    writing.discard()
    assert not folder.exists()


def test_more_than_is_allowed_is_not_written(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    writer = Writer(shelf.new(RECIPE), 2000)
    for bucket in range(9):
        writer.add(bucket, part(bucket))
    assert isinstance(writer.failed, FullError)
    assert 10 in writer.buckets  # nobody need bring more
    with pytest.raises(OSError, match="nothing is kept"):
        writer.finish(shelf.home(RECIPE, "a" * 32), READ, files=(), demand=DEMAND, settled=True)
    assert list((tmp_path / "timelines-1" / RECIPE).iterdir()) == []
    assert shelf.all() == []


def test_the_folder_is_its_user_s_alone_and_tells_backups_what_it_is(tmp_path: Path) -> None:
    write(Shelf(tmp_path / "cache"))
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
    assert (tmp_path / "cache" / "CACHEDIR.TAG").read_text().startswith("Signature: ")


def test_the_default_limit_is_a_tenth_of_the_disk_at_most(tmp_path: Path) -> None:
    allowed = Terms(tmp_path / "not there yet").allowed()
    assert 0 < allowed <= MOST_BYTES
    assert Terms(tmp_path, limit=5).allowed() == 5


def test_of_many_segments_the_small_ones_are_written_anew(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    for name in "abcdef":
        write(shelf, name)
    there = shelf.of_recipe(RECIPE)
    files = [file for kept in there for file in kept.manifest.files]
    assert choose(there, files, DEMAND).rewritten == ()
    new = [File(f"/exports/n{i}", 5, f"n{i}") for i in range(3)]
    for name in "0123"[: MOST - 6]:
        write(shelf, name)
    there = shelf.of_recipe(RECIPE)
    files = [file for kept in there for file in kept.manifest.files]
    choice = choose(there, [*files, *new], DEMAND)
    assert choice.missing == tuple(new)
    assert len(choice.rewritten) == MOST  # none is much larger than the others


def test_segments_of_files_that_are_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    pair, one = write(shelf, "a", files=2), write(shelf, "b")
    files = [*pair.manifest.files, *one.manifest.files]
    there = shelf.of_recipe(RECIPE)
    chosen = {kept.folder for kept in choose(there, files, DEMAND).standing}
    assert chosen == {pair.folder, one.folder}
    assert choose(there, files[1:], DEMAND).standing == (one,)
    assert choose(there, files[1:], DEMAND).missing == (files[1],)


def test_less_than_was_kept_may_be_asked_and_not_more(tmp_path: Path) -> None:
    kept = write(Shelf(tmp_path))
    nothing = Demand((), (), (), ())
    assert kept.manifest.serves(nothing)
    assert kept.manifest.serves(DEMAND)
    for more in (Demand(("b",), (), (), ()), Demand((), ("price",), (), ()), Demand((), (), (), (), keep_ids=True)):
        assert not kept.manifest.serves(more)


def test_tables_of_kinds_keep_what_is_null() -> None:
    from engagement_cli.timeline.cache import kind_table

    table = kind_table.to_table(KINDS)
    assert table["t0"].to_list() == [None, "web"]
    with pytest.raises(DamagedError):
        kind_table.from_table(pl.DataFrame({"event": ["a"]}), DEMAND)
