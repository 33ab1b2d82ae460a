"""Kinds by their names, and suggestions among many thousands of names."""

from __future__ import annotations

import numpy as np

from engagement_cli.errors import did_you_mean
from engagement_cli.timeline.kinds import Kinds


def test_kinds_are_found_by_name_whatever_their_number():
    kinds = Kinds(("a", "b", "a", "c"), {}, {}, np.zeros(4, dtype=bool))
    assert kinds.named({"a", "c", "unknown"}).tolist() == [True, False, True, True]
    assert kinds.named(set()).tolist() == [False] * 4


def test_a_near_name_among_many_thousands_is_still_found():
    known = {f"event_{i}" for i in range(5000)} | {"purchase"}
    assert did_you_mean("purchsae", known) == "did you mean 'purchase'?"


def test_far_from_all_of_many_thousands_a_few_are_named():
    hint = did_you_mean("zzz", {f"event_{i}" for i in range(5000)})
    assert hint is not None
    assert hint.startswith("known: event_0, ")
