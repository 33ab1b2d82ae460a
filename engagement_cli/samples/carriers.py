"""What an event can carry besides its name: words, numbered things and numbers, each with its column."""

from __future__ import annotations

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import Ints

_SPREAD = 2_654_435_761


class Words(Record):
    """One of a few words; `choices` are words and how often they are drawn."""

    column: str
    choices: tuple[tuple[str, float], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The words, by code."""
        return tuple(text for text, _ in self.choices)

    @property
    def weights(self) -> tuple[float, ...]:
        """How often each is drawn."""
        return tuple(weight for _, weight in self.choices)


class Ids(Record):
    """Things with a number, shown as `c-000012`; `group` is a word that belongs to the thing, such as a genre.

    Things of a catalogue appear one every `every_days` after the `older` ones that are there from the beginning, and
    are used mostly while new; those of stories (orders, tickets) are counted by the machinery, block by block.
    """

    column: str
    prefix: str
    every_days: float | None = None
    older: int = 0
    group: Words | None = None


class Number(Record):
    """A number with `digits` decimals, drawn around `middle` for a customer of engagement 0, or told by a story.

    Skewed ones are `middle · exp(slope · engagement + spread · normal)`, others
    `middle + slope · engagement + spread · normal`; both are kept within `least` and `most`.
    """

    column: str
    digits: int = 0
    middle: float = 0.0
    slope: float = 0.0
    spread: float = 0.0
    least: float = 0.0
    most: float = 1_000_000.0
    skewed: bool = False


Carrier = Words | Ids | Number

MONEY = Number("value", digits=2)
STARS = Number("value", middle=3.7, slope=0.55, spread=0.8, least=1, most=5)
SENTIMENT = Number("sentiment", digits=2, middle=0.15, slope=0.25, spread=0.35, least=-1, most=1)
SHIPPING_FEE = Number("shipping_fee", digits=2)
COST = Number("cost", digits=2)
VARIANT = Words("variant", (("A", 1), ("B", 1)))
CONTENT = Ids("content_id", "c-", every_days=3, older=40)
ORDER = Ids("order_id", "o-")
TICKET = Ids("ticket_id", "t-")


def group_positions(numbers: Ints, weights: tuple[float, ...]) -> Ints:
    """Which word of a group belongs to each thing: always the same one, about as often as the weights say."""
    bounds = np.cumsum(weights)
    scattered = (numbers * _SPREAD % 2**32) / 2**32
    return np.searchsorted(bounds[:-1] / bounds[-1], scattered, side="right")
