"""Signals and segments by rule: what the configuration says of the table's own columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial

import polars as pl

from engagement_cli.customers.family import FLAG, TEXT, Column, Known, Scene, Values
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.rules import Where, columns_read, judged, named_in
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import KeyPath
from engagement_cli.timeline.bucket import HASH, Bucket
from engagement_cli.timeline.needs import Needs

SIGNALS, REASONS = "signals", "reasons"


def rules_of(settings: Settings) -> dict[str, str]:
    """The SQL of every rule by name; a rule may read others."""
    segments = {name: segment.where for name, segment in settings.segments.items() if segment.where is not None}
    return segments | {name: signal.where for name, signal in settings.signals.items()}


def places_of(settings: Settings, place: Callable[[KeyPath], str]) -> dict[str, Where]:
    """Where each rule stands."""
    section = {name: "signals" if name in settings.signals else "segments" for name in rules_of(settings)}
    return {name: partial(place, (at, name, "where")) for name, at in section.items()}


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """One yes or no a rule; all signals in one column, and their reasons."""
    reasons = {name: signal.reason for name, signal in settings.signals.items()}
    found = {name: Column(FLAG, None, reasons.get(name, rule)) for name, rule in rules_of(settings).items()}
    if not reasons:
        return found
    return found | {
        SIGNALS: Column(TEXT, None, "the signals that mark the customer"),
        REASONS: Column(TEXT, None, "what these say, in words"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """A rule is judged by the columns that there are."""
    return None


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """What the wanted rules name, directly or by another rule."""
    rules = rules_of(settings)
    found, waiting = set[str](), [name for name in rules if name in wanted]
    if wanted & {SIGNALS, REASONS}:
        found |= set(settings.signals)
        waiting += [name for name in settings.signals if name not in waiting]
    while waiting:
        for column in columns_read([rules[waiting.pop()]]) - found:
            found.add(column)
            if column in rules:
                waiting.append(column)
    return found


def needs(settings: Settings, known: Known) -> Needs:
    """Nothing of the exports but what other families read."""
    return Needs(sources=frozenset())


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Nothing of a bucket."""
    return {}


def finish(table: Piece, scene: Scene) -> Makers:
    """The rules, of which each may read others, and what those that mark a customer say."""
    rules, places = rules_of(scene.settings), places_of(scene.settings, scene.place)
    found = {name: partial(_judged, table, rule, places[name]) for name, rule in rules.items()}
    return found | {name: partial(_said, table, words) for name, words in _words(scene.settings).items()}


def _judged(table: Piece, rule: str, where: Where) -> pl.Series:
    return judged(table.frame([HASH, *sorted(named_in(rule, where))]), rule, where)


def _said(table: Piece, words: Mapping[str, str]) -> pl.Series:
    said = [pl.when(name).then(pl.lit(word)) for name, word in words.items()]
    return table.frame(words).select(pl.concat_str(said, separator="; ", ignore_nulls=True)).to_series()


def _words(settings: Settings) -> dict[str, dict[str, str]]:
    """What stands in the columns of all signals for each of them."""
    if not settings.signals:
        return {}
    return {
        SIGNALS: {name: name for name in settings.signals},
        REASONS: {name: signal.reason for name, signal in settings.signals.items()},
    }
