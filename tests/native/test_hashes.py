"""Tables of hashes beside dictionaries."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.hashes import UNKNOWN, hash_table, numbered, without

HASHES = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 50).map(lambda n: n << 54))


@given(HASHES, HASHES)
def test_known_hashes_have_the_codes_of_their_positions(known: list[int], asked: list[int]) -> None:
    distinct = list(dict.fromkeys(known))
    table = hash_table(np.array(distinct, dtype=np.uint64), np.arange(len(distinct), dtype=np.uint32) * np.uint32(7))
    codes, unknown = table.find(np.array(asked + known, dtype=np.uint64))
    place = {hash_: 7 * code for code, hash_ in enumerate(distinct)}
    assert codes.tolist() == [place.get(hash_, UNKNOWN) for hash_ in asked + known]
    assert unknown == sum(hash_ not in place for hash_ in asked)


@given(HASHES)
def test_hashes_are_numbered_as_they_are_met(hashes: list[int]) -> None:
    known, codes = numbered(np.array(hashes, dtype=np.uint64))
    assert known.tolist() == list(dict.fromkeys(hashes))
    assert known[codes].tolist() == hashes


def test_many_hashes_make_the_table_grow_and_are_found() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**64, 50_000, dtype=np.uint64)
    whole = np.concatenate([hashes, hashes[::-1]])
    known, codes = numbered(whole)
    assert (known == hashes).all()
    assert (known[codes] == whole).all()
    table = hash_table(known, np.arange(len(known), dtype=np.uint32))
    assert (table.find(whole)[0] == codes).all()
    found, unknown = table.find(whole + np.uint64(1))
    assert unknown == len(whole)
    assert (found == UNKNOWN).all()


def test_hashes_that_mean_nothing_become_zero() -> None:
    hashes = np.array([5, 2**64 - 1, 7, 8, 5], dtype=np.uint64)
    assert without(hashes, np.array([7, 5, 2**64 - 1], dtype=np.uint64)).tolist() == [0, 0, 0, 8, 0]
