"""What metric types over surveys share: the answers of a kind in range, and the scales that kinds have."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.metrics.parts.text_codes import text_codes
from engagement_cli.native.order import order_of_all
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.series import whole

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "effort": (1.0, 7.0), "rating": (1.0, 5.0)}
NOBODY = -1
EARLIEST = -(2**62)

PROMOTER, PASSIVE = 9 * MICRO, 7 * MICRO  # the lowest answers of each, in millionths


class Answers(Record):
    """Answers by customer (`NOBODY` for none) and time; of simultaneous ones the highest is the last, then the last
    comment.

    `time` is in ticks, `EARLIEST` where there is none; `score` in millionths. `kind` numbers `kinds`, which are in
    small letters, or None. `row` is the place in the table.
    """

    table: pl.DataFrame
    kinds: tuple[str | None, ...]
    row: Int64s
    customer: Int64s
    time: Int64s
    score: Int64s
    kind: Int64s

    def take(self, which: Flags | Int64s) -> Answers:
        """Some of the answers, in the order given."""
        columns = (self.row, self.customer, self.time, self.score, self.kind)
        return Answers(self.table, self.kinds, *(column[which] for column in columns))

    def column(self, name: str) -> pl.Series:
        """A column of the table for these answers."""
        return self.table[name].gather(pl.Series(self.row))

    def of_kind(self, kind: str, *, unnamed: bool) -> Flags:
        """Which are of a kind; with `unnamed`, those that name none are of each."""
        asked = kind.strip().lower()
        fits = [said == asked or (said is None and unnamed) for said in self.kinds]
        found: Flags = np.array(fits, np.bool_)[self.kind]
        return found

    def lasts(self, *keys: Int64s | NDArray[np.int32]) -> Flags:
        """Which are the last of their customer, among those that follow each other with the same keys."""
        found: Flags = self.customer == NOBODY
        found[-1:] = True
        for key in (self.customer, *keys):
            found[:-1] |= key[1:] != key[:-1]
        return found


def answers_of(bucket: Bucket, where: str | None) -> Answers:
    """The answers of a bucket that pass a filter."""
    return bucket.shared(("answers", where), lambda: _answers(rows_of(bucket, "surveys", where)))


def _answers(table: pl.DataFrame) -> Answers:
    codes, words = text_codes(table["survey"])
    customer, time = whole(table[CODE], NOBODY), whole(table["time"], EARLIEST)
    # In millionths: what a float holds of 7 need not be at or above 7.
    score = np.rint(table["score"].to_numpy() * MICRO).astype(np.int64)
    order = order_of_all(customer, time, score)
    if _undecided(*(key[order] for key in (customer, time, score))):
        comment = table["comment"].cast(pl.String).rank("dense").fill_null(0).to_numpy()
        order = order_of_all(customer, time, score, comment)
    kinds = _in_small_letters(tuple(words.to_list()))
    return Answers(table, kinds, order.astype(np.int64), *(column[order] for column in (customer, time, score, codes)))


def _undecided(customer: Int64s, *others: Int64s) -> bool:
    """Whether answers of a customer are equal that follow each other."""
    same = (customer[1:] == customer[:-1]) & (customer[1:] != NOBODY)
    for key in others:
        same &= key[1:] == key[:-1]
    return bool(same.any())


@lru_cache  # most buckets have the same
def _in_small_letters(words: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple(pl.Series(words, dtype=pl.String).str.strip_chars().str.to_lowercase().to_list())


def answers_in_range(bucket: Bucket, where: str | None, every: Grain, kind: str | None, *, unnamed: bool) -> Answers:
    """The answers of a kind (None: of all) in `[since, until)`; one without a time only where `every` is total.

    With `unnamed`, answers that name no kind belong to each.
    """
    answers, clock = answers_of(bucket, where), bucket.clock
    inside = (answers.time >= clock.since) & (answers.time < clock.until)
    if every.unit == "total":
        inside |= answers.time == EARLIEST
    if kind is not None:
        inside &= answers.of_kind(kind, unnamed=unnamed)
    return answers.take(np.flatnonzero(inside))


def periods_of(bucket: Bucket, every: Grain, answers: Answers) -> NDArray[np.int32]:
    """The period of each answer; one without a time is the range's first."""
    time = np.where(answers.time == EARLIEST, bucket.clock.since, answers.time)
    return bucket.clock.periods(every).index(time)


def on_scale(score: Int64s, bounds: tuple[float, float], *, whole: bool) -> Flags:
    """Whether a score in millionths lies on a scale; of `whole` answers, only those without a fraction do."""
    fits = (score >= round(bounds[0] * MICRO)) & (score <= round(bounds[1] * MICRO))
    return fits & (score % MICRO == 0) if whole else fits


def segment_labels(
    bucket: Bucket, every: Grain, grouping: Grouping, customer: Int64s, period: NDArray[np.int32]
) -> Labels:
    """The segment of each answer, as of its period's start; answers of nobody are in the missing one."""
    known = np.where(customer == NOBODY, 0, customer).astype(np.uint32)
    if bucket.customers == 0 or not grouping.columns:
        return grouping.labels(np.zeros(len(customer), np.int64))
    group = grouping.customers(known, bucket.clock.periods(every).bounds[period])
    return grouping.labels(np.where(customer == NOBODY, 0, group))
