"""What the options of time say together."""

from __future__ import annotations

import pytest
from support.commands import run


@pytest.mark.parametrize("command", [("report",), ("stickiness", "--active", "signup"), ("score",)])
def test_a_range_has_one_start(command):
    done = run(*command, "--sample", "--last", "90d", "--since", "2025-01-01")
    assert done.code == 2
    assert "--last and --since both say where the range starts" in done.err
