"""Event rows from what was kept of the same files; the other files are read, and kept for the next time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from engagement_cli.engines.caching import Opened, Reader, unseen
from engagement_cli.engines.recipe import recipe
from engagement_cli.native.hashes import Hashes, without
from engagement_cli.records import Record, replace
from engagement_cli.sources.exports import Exports
from engagement_cli.sources.fates import UNPARSEABLE
from engagement_cli.timeline.cache.choice import Choice, choose, segment_name
from engagement_cli.timeline.cache.files import File, identify
from engagement_cli.timeline.cache.recorded import Recorded
from engagement_cli.timeline.cache.segment import Segment
from engagement_cli.timeline.cache.shelf import Kept
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.cache.writer import FullError, Writer
from engagement_cli.timeline.events import Events, Together
from engagement_cli.timeline.hashing import no_text
from engagement_cli.timeline.incoming import Incoming, Layout
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.rows import NO_NUMBER

_MOST_BUCKETS = 65_536
_LEAST_BYTES = 5  # of a row: what will not fit is not begun
_LARGER = 1.5  # a bucket may hold so much more than it should before there are more buckets


def kept_events(
    terms: Terms, exports: Exports, layout: Layout, ticks_per_second: int, buckets: int, read: Reader
) -> Opened:
    """As `open_events`, of exports that are kept."""
    try:
        work = _work(terms, exports, layout, recipe(exports, ticks_per_second), buckets)
    except OSError as error:
        terms.warn(_not_kept(terms, error))
        return Opened(read(exports, buckets, unseen), buckets)
    return work.opened(read)


class _Work(Record):
    """What one run takes from the shelf, and what it writes there."""

    terms: Terms
    exports: Exports
    layout: Layout
    files: tuple[File, ...]
    now: tuple[File, ...]  # the same by path and time, whatever tells them to be unchanged
    choice: Choice
    buckets: int
    recipe: str
    writer: Writer | None  # None: there is nothing new, or no room for it

    def opened(self, read: Reader) -> Opened:
        """The events of all files."""
        demand, dedupe, choice = self.layout.demand, self.layout.dedupe, self.choice
        look = _Look()
        with ExitStack() as undo:
            if self.writer is not None:
                undo.callback(self.writer.discard)
            standing: list[Events] = [self._segment(kept, undo) for kept in choice.standing]
            own: list[Events] = [self._segment(kept, undo) for kept in choice.rewritten]
            if choice.missing:
                own.append(read(_only(self.exports, self.files, choice.missing), self.buckets, look))
                undo.callback(own[-1].close)
            if self.writer is None:
                undo.pop_all()
                return Opened(Together([*standing, *own], demand, dedupe), self.buckets, self._touch)
            new = Recorded(own[0] if len(own) == 1 else Together(own, demand, dedupe), self.writer, identities=dedupe)
            events = Together([*standing, new], demand, dedupe) if standing else new
            undo.pop_all()
        return Opened(events, self.buckets, lambda: self._keep(new, settled=look.settled))

    def _segment(self, kept: Kept, undo: ExitStack) -> Segment:
        segment = Segment(kept.folder, self.buckets, valued=self.layout.has_values)
        undo.callback(segment.close)
        return segment

    def _touch(self) -> None:
        for kept in (*self.choice.standing, *self.choice.rewritten):
            kept.touch()

    def _keep(self, new: Recorded, *, settled: bool) -> None:
        """Put what was written on the shelf, unless files have changed meanwhile."""
        if self.writer is None:
            return
        if (failed := self.writer.failed) is not None:
            if not isinstance(failed, FullError):
                self.terms.warn(_not_kept(self.terms, failed))
            return
        shelf, choice = self.terms.shelf, self.choice
        files = (*choice.missing, *(file for kept in choice.rewritten for file in kept.manifest.files))
        settled = settled and self.exports.sources["events"].dedupe != "id"
        settled = settled and all(kept.manifest.settled for kept in choice.rewritten)
        try:
            if identify(_paths(self.exports)) != self.now:
                return
            demand = self.layout.demand
            home = shelf.home(self.recipe, segment_name(files, demand))
            self.writer.finish(home, new.read, files=files, demand=demand, settled=settled)
            for kept in choice.rewritten:
                kept.remove()
            self._touch()
            shelf.keep_to(self.terms.allowed())
        except OSError as error:
            self.terms.warn(_not_kept(self.terms, error))


class _Look:
    """Whether rows that cannot be read are so whatever is asked of them: for want of a name or a time."""

    settled = True

    def __call__(self, batch: Incoming) -> Incoming:
        self.settled = self.settled and not any(
            _named(piece.marked.texts[0][(batch.fates[which] == UNPARSEABLE) & (piece.time != NO_NUMBER)])
            for piece, which in batch.in_turn()
        )
        return batch


def _named(events: Hashes) -> bool:
    return bool(without(events, no_text()).any())


def _work(terms: Terms, exports: Exports, layout: Layout, name: str, buckets: int) -> _Work:
    paths = _paths(exports)
    now = identify(paths)
    files = now if terms.by == "file" else identify(paths, terms.by)
    choice = choose(terms.shelf.of_recipe(name), files, layout.demand)
    choice, buckets = _in_buckets(choice, layout.demand, buckets)
    writer, limit = None, min(terms.allowed(), terms.shelf.free() // 2)
    if choice.missing or choice.rewritten:
        rows = _only(exports, files, choice.missing).sources["events"].rows_hint if choice.missing else 0
        rows = (rows or 0) + sum(kept.manifest.rows for kept in choice.rewritten)
        writer = Writer(terms.shelf.new(name), limit) if rows * _LEAST_BYTES <= limit else None
    return _Work(terms, exports, layout, files, now, choice, buckets, name, writer)


def _in_buckets(choice: Choice, demand: Demand, buckets: int) -> tuple[Choice, int]:
    """About so many buckets that all segments can be read in; where they are too few for what is new, all are anew."""
    there = choice.standing + choice.rewritten
    if not there:
        return choice, buckets
    theirs = there[0].manifest.buckets
    shares = max(1, math.ceil(buckets / (theirs * _LARGER)))
    if theirs * shares > _MOST_BUCKETS:
        return Choice((), (), (*choice.missing, *(f for kept in there for f in kept.manifest.files))), buckets
    if shares > 1 and choice.missing:
        mine = tuple(kept for kept in there if kept.manifest.demand == demand)
        return Choice(tuple(kept for kept in there if kept not in mine), mine, choice.missing), theirs * shares
    return choice, theirs * shares


def _only(exports: Exports, files: Sequence[File], some: Sequence[File]) -> Exports:
    """The exports with some of their events' files alone."""
    marks, events = {file.mark for file in some}, exports.sources["events"]
    headers = tuple(h for h, file in zip(events.headers, files, strict=True) if file.mark in marks)
    return replace(exports, sources={**exports.sources, "events": replace(events, headers=headers)})


def _paths(exports: Exports) -> tuple[Path, ...]:
    return exports.sources["events"].files


def _not_kept(terms: Terms, error: OSError) -> str:
    return f"nothing is kept in {terms.folder}: {error.strerror or error}"
