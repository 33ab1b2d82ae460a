"""Whether a run takes what was kept, and keeps what is new; what does so is loaded only then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from engagement_cli.engines.plan import Merged, Plan
from engagement_cli.records import Record
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.events import Events, JustRead
from engagement_cli.timeline.incoming import Incoming, Layout

Look = Callable[[Incoming], Incoming]
Reader = Callable[[Exports, int, Look], JustRead]  # of exports, in so many buckets; it shows every batch
T = TypeVar("T")
_TRIES = 2


class Opened(Record):
    """Event rows in `buckets`; `keep` is called once all of them were measured."""

    events: Events
    buckets: int
    keep: Callable[[], None] = lambda: None


def answered(plan: Plan, run: Callable[[Plan], Merged]) -> Merged:
    """What an engine merges for a plan, or has merged for an equal one on the same files with the same program."""
    terms, events = plan.cache, plan.exports.sources.get("events")
    if terms is None or events is None or plan.customer_rows is not None or (events.rows_hint or 0) < terms.least_rows:
        return run(plan)
    from engagement_cli.engines import kept_answers

    return kept_answers.answered(plan, terms, run)


def open_events(
    terms: Terms | None, exports: Exports, layout: Layout, ticks_per_second: int, buckets: int, read: Reader
) -> Opened:
    """The event rows of the exports, on terms (None: all are read, none kept), in about so many buckets.

    Raises `DamagedError` where something kept is not as it was written; it has been removed then.
    """
    rows = exports.sources["events"].rows_hint if terms is not None and "events" in exports.sources else None
    if terms is None or rows is None or rows < terms.least_rows:
        return Opened(read(exports, buckets, unseen), buckets)
    from engagement_cli.engines.kept_events import kept_events

    return kept_events(terms, exports, layout, ticks_per_second, buckets, read)


def undamaged(terms: Terms | None, work: Callable[[Terms | None], T]) -> T:
    """Work on terms, again where something kept was damaged, and at last without anything kept."""
    for _ in range(_TRIES):
        with suppress(DamagedError):
            return work(terms)
    return work(None)


def unseen(batch: Incoming) -> Incoming:
    """A batch that nobody looks at."""
    return batch
