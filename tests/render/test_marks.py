from __future__ import annotations

from typing import get_args

import pytest

from engagement_cli.metrics.parts.period_rows import Word
from engagement_cli.render.marks import legend, marks, named, small, words

FLAGS: tuple[str, ...] = get_args(Word)


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_that_a_metric_can_have_is_explained_in_words(flag: str) -> None:
    mark, _, words = legend([flag]).partition(" ")
    assert marks([flag]) == mark != "#"
    assert " " in words and "_" not in words


def test_no_two_flags_share_a_mark() -> None:
    assert len({marks([flag]) for flag in FLAGS}) == len(FLAGS)


def test_a_flag_without_words_is_named() -> None:
    assert legend(["of_tomorrow"]) == "# of tomorrow"


def test_words_say_what_a_flag_means() -> None:
    assert words(["small_n", "of_tomorrow"]) == ["small n (under 30)", "of tomorrow"]


def test_what_is_incomplete_is_named_before_the_flags() -> None:
    assert named(False, "small_n;rejected") == ("partial", "small_n", "rejected")
    assert marks(("partial", "small_n", "small_n")) == "*†"


def test_only_a_value_can_rest_on_few() -> None:
    assert small(29, 0.5) == ("small_n",)
    assert small(30, 0.5) == small(29, None) == small(None, 0.5) == ()
