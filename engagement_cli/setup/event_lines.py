"""The lines about events: what each is worth, which dimension it feeds, and which count as being active."""

from __future__ import annotations

from collections.abc import Sequence

from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.settings.names import ACTIVE
from engagement_cli.settings.scoring import Degree, FourI
from engagement_cli.setup.found import Found, distinct, free_columns
from engagement_cli.setup.vocabulary import KINDS, OTHER, Kind, kind_of_event
from engagement_cli.setup.words import remark, word, word_list

MOST_EVENTS = 60
_COMMENT_AT = 76
_KEY_FEATURES = 3
_KEY_KINDS = ("creating", "acting", "using", "collecting", "passing on")


class Proposal(Record):
    """One event of the export: what it is worth, by the catalogue where that knows it, else by its name's words."""

    event: str
    rows: int
    customers: int
    kind: Kind
    weight: float
    dimensions: tuple[FourI, ...]
    degree: Degree | None


def proposals(found: Found, catalogue: Settings) -> list[Proposal]:
    """The most frequent events, by kind, then by rows."""
    made = []
    for event, rows, customers in found.events.head(MOST_EVENTS).iter_rows():
        kind = kind_of_event(event)
        known = catalogue.events.get(event)
        if known is not None and known.where is None:
            made.append(Proposal(event, rows, customers, kind, known.weight, known.dimensions, known.degree))
        else:
            dimensions: tuple[FourI, ...] = (kind.dimension,) if kind.dimension is not None else ()
            made.append(Proposal(event, rows, customers, kind, kind.weight, dimensions, kind.degree))
    order = [*reversed(KINDS), OTHER]
    return sorted(made, key=lambda p: (order.index(p.kind), -p.rows))


def event_sections(found: Found, catalogue: Settings) -> list[list[str]]:
    """`events:`, `active:`, `key_features:`, and `dimensions:` as the catalogue has them, in a comment."""
    made = proposals(found, catalogue)
    if not made:
        return []
    return [_events(made, found, catalogue), _active(made, found), _key_features(made, found), _dimensions(catalogue)]


def _events(made: Sequence[Proposal], found: Found, catalogue: Settings) -> list[str]:
    lines = [
        "# What each event is worth in the engagement score, and what it feeds: involvement (presence),",
        "# interaction (action), intimacy (affection), influence (advocacy). Proposed from the names: please correct.",
        "events:",
    ]
    kind = None
    for p in made:
        if p.kind is not kind:
            lines.append(f"  # {p.kind.name}")
            kind = p.kind
        customers = f"{p.customers:,} customer{'' if p.customers == 1 else 's'}"
        lines.append(f"{_entry(p).ljust(_COMMENT_AT)} # {p.rows:,} row{'' if p.rows == 1 else 's'}, {customers}")
    if found.events.height > len(made):
        weight = catalogue.score.default_weight
        lines.append(
            f"  # {found.events.height - len(made):,} rarer events weigh {weight:g} each (score.default_weight)."
        )
    return lines


def _entry(p: Proposal) -> str:
    parts = [f"weight: {p.weight:g}"]
    parts += [f"dimensions: {word_list(p.dimensions)}"] if p.dimensions else []
    parts += [f"degree: {p.degree}"] if p.degree is not None else []
    if p.event == ACTIVE:  # a reserved name
        parts.append("where: \"event = 'active'\"")
        return f"  active_event: {{{', '.join(parts)}}}"
    return f"  {word(p.event)}: {{{', '.join(parts)}}}"


def _active(made: Sequence[Proposal], found: Found) -> list[str]:
    names = ["active_event" if p.event == ACTIVE else p.event for p in made if p.weight > 0]
    if not names:
        return []
    if found.events.height > len(made):
        return [
            "# What counts as being active; as it is, every event of a weight above 0:",
            f"# active: {word_list(names[:5])}",
        ]
    lines = ["# What counts as being active: in active customers, retention, churn by inactivity.", "active:"]
    return [*lines, *(f"  - {word(name)}" for name in names)]


def _key_features(made: Sequence[Proposal], found: Found) -> list[str]:
    export = found.exports.sources["events"]
    if "feature" in free_columns(export):
        values = [remark(value, 40) for value in distinct(found, "events", "feature")[:_KEY_FEATURES]]
        return ["# Features that matter most:", f"# key_features: {word_list(values)}"] if values else []
    used = sorted((p for p in made if p.kind.name in _KEY_KINDS and p.weight > 0), key=lambda p: -p.customers)
    names = [p.event for p in used if p.event != ACTIVE][:_KEY_FEATURES]
    if not names:
        return []
    return ["# Features whose use matters most; proposed: what most customers do.", f"key_features: {word_list(names)}"]


def _dimensions(catalogue: Settings) -> list[str]:
    lines = ["# What feeds the four I's besides the events above, as the catalogue has it:", "# dimensions:"]
    for name, dimension in catalogue.dimensions.items():
        signals = ", ".join(f"{signal}: {weight:g}" for signal, weight in dimension.signals.items())
        lines.append(f"#   {name}: {{signals: {{{signals}}}}}")
    return lines if catalogue.dimensions else []
