"""Event rows as arrays: the form in which every story adds its part, before any text exists."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from engagement_cli.records import Record, items
from engagement_cli.samples.arrays import AnyInts, Bools, Bytes, Codes, Ints, Small

NONE = -1
NO_AMOUNT = -(2**31)


class Who(IntEnum):
    """What a row's `user_id` holds."""

    KNOWN = 0
    LOGGED_IN = 1
    ALIAS = 2
    BOT = 3
    NOBODY = 4


class Device(IntEnum):
    """Where a row was recorded; rows of the server have `NONE` instead."""

    DESKTOP = 0
    MOBILE = 1
    TABLET = 2


class Rows(Record):
    """Arrays of equal length.

    `customer` is the position in the block (a bot's number for bots), `time` seconds since the span's start, `name` a
    code of the vocabulary; `detail` (the number of a thing or the code of a word) is `NONE`, and `amount` and `extra`
    (numbers without their decimal point: cents, stars, hundredths of sentiment) `NO_AMOUNT` where a row has none.
    """

    customer: Codes
    time: Ints
    name: Bytes
    who: Small
    device: Small
    channel: Small
    campaign: Small
    detail: Codes
    amount: Codes
    extra: Codes

    def __len__(self) -> int:
        return len(self.customer)

    def where(self, keep: Bools) -> Rows:
        """The rows for which `keep` is true."""
        return self.take(np.flatnonzero(keep))

    def take(self, positions: AnyInts) -> Rows:
        """The rows at these positions, in their order."""
        return Rows(**{name: column[positions] for name, column in items(self)})


def make_rows(
    customer: AnyInts,
    time: AnyInts,
    name: int | Bytes,
    *,
    who: int | Small = Who.KNOWN,
    device: int | Small = NONE,
    channel: int | Small = NONE,
    campaign: int | AnyInts = NONE,
    detail: int | AnyInts = NONE,
    amount: int | AnyInts = NO_AMOUNT,
    extra: int | AnyInts = NO_AMOUNT,
) -> Rows:
    """Rows from arrays and from single values that hold for all of them."""
    size = len(customer)
    return Rows(
        customer=customer.astype(np.int32, copy=False),
        time=time.astype(np.int64, copy=False),
        name=np.broadcast_to(np.asarray(name, dtype=np.uint8), size),
        who=np.broadcast_to(np.asarray(who, dtype=np.int8), size),
        device=np.broadcast_to(np.asarray(device, dtype=np.int8), size),
        channel=np.broadcast_to(np.asarray(channel, dtype=np.int8), size),
        campaign=np.broadcast_to(np.asarray(campaign, dtype=np.int8), size),
        detail=np.broadcast_to(np.asarray(detail, dtype=np.int32), size),
        amount=np.broadcast_to(np.asarray(amount, dtype=np.int32), size),
        extra=np.broadcast_to(np.asarray(extra, dtype=np.int32), size),
    )


def concat(parts: Sequence[Rows]) -> Rows:
    """All rows of the parts, in order."""
    return Rows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Rows._fields})
