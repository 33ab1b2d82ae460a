"""A first configuration as text: every line with its reason, every proposal one that runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import show_path
from engagement_cli.settings.units import CURRENCIES
from engagement_cli.settings.values import format_duration
from engagement_cli.setup.event_lines import event_sections
from engagement_cli.setup.found import Found, distinct, examples, free_columns
from engagement_cli.setup.metric_lines import metric_sections
from engagement_cli.setup.words import remark, word, word_list
from engagement_cli.sources.export import Export

_COMMENT_AT = 44
_WIDTH = 116
_SHOWN_VALUES = 3
_FEW = 30
_MOST_SEGMENTS = 6
_STRONG_IDS = ("event_id", "insert_id", "message_id", "uuid")


def write_configuration(found: Found, catalogue: Settings, preset: str | None, folder: Path) -> str:
    """The text of `engagement.yaml` for these exports, its paths relative to the folder in which it will lie.

    `catalogue` is the packaged configuration that it extends: its weights are taken over where it knows an event.
    `preset` is its name, None for the catalogue that is extended without a word.
    """
    sections = [
        _head(found, catalogue, preset),
        _sources(found, folder),
        _exclusions(found),
        *event_sections(found, catalogue),
        _segments(found),
        *metric_sections(found),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _commented(line: str, comment: str) -> str:
    """A line with a comment beside it."""
    return f"{line.ljust(_COMMENT_AT)} # {comment}" if comment else line


def _off(line: str, comment: str) -> str:
    """A line that is itself a comment, with one beside it: `# currency: EUR   # of all amounts`."""
    indent = len(line) - len(line.lstrip())
    return _commented(f"{line[:indent]}# {line[indent:]}", comment)


def summary(found: Found, preset: str | None, out: Path) -> str:
    """What was written, and what to do next, in a few lines."""
    lines = [f"wrote {show_path(out)}:"]
    for name, export in found.exports.sources.items():
        lines.append(f"  {name} from {', '.join(show_path(file) for file in export.files[:3])}")
    lines += [f"  identities from {show_path(one.file)}" for one in found.identities]
    lines += [f"  not recognised: {show_path(file)}" for file in found.skipped]
    lines += [f"  extends the preset {preset}, whose events are among yours"] if preset is not None else []
    for name, fields in found.guessed.items():
        lines.append(f"  a guess, please look: {', '.join(f'{name}.{field}' for field in fields)}")
    config = "" if out.name == "engagement.yaml" else f" -c {out}"
    return "\n".join([*lines, f"next: engagement check{config}, engagement report{config}"])


def _head(found: Found, catalogue: Settings, preset: str | None) -> list[str]:
    extends = [_commented(f"extends: {preset}", "a preset whose events are among yours")] if preset is not None else []
    return [
        "# What the exports mean. Written by `engagement init`; change any line, then try `engagement check` and",
        "# `engagement report`. What is not said here comes from the packaged catalogue: `engagement metrics list`.",
        "version: 1",
        *extends,
        _commented(f"timezone: {found.timezone}", "of the report's days, weeks and months, such as Europe/Paris"),
        _commented("week_start: monday", "or sunday, saturday …"),
        *_currency(found),
        _commented(
            f"session_gap: {format_duration(catalogue.session_gap)}", "a visit ends after so long without an event"
        ),
    ]


def _currency(found: Found) -> list[str]:
    codes = {
        code.strip().upper()
        for name, export in found.exports.sources.items()
        for column in export.raw
        if column.lower().replace("_", "") in ("currency", "currencycode")
        for code in distinct(found, name, column)
    }
    if len(codes) == 1 and codes <= CURRENCIES:
        return [_commented(f"currency: {codes.pop()}", "of all amounts")]
    known = sorted(codes & CURRENCIES)
    if known:
        rates = ", ".join(f"{code}: 1.0" for code in known[1:])
        return [
            "# The amounts are in several currencies. Choose the report's, and what one unit of the others is worth:",
            f"# currency: {known[0]}",
            f"# rates: {{{rates}}}",
        ]
    return [_off("currency: EUR", "of all amounts")]


def _sources(found: Found, folder: Path) -> list[str]:
    lines = ["sources:"]
    for name, export in found.exports.sources.items():
        lines += _source(found, name, export, folder)
    if found.identities:
        lines += [
            "  identities:",
            f"    path: {_paths([one.file for one in found.identities], folder)}",
            "    columns:",
        ]
        for field, column in found.identities[0].columns.items():
            lines.append(
                f"      {field}: {word(column) if isinstance(column, str) else f'{{sql: {word(column.sql)}}}'}"
            )
    if found.skipped:
        names = ", ".join(remark(file.name) for file in found.skipped)
        lines.append(f"  # Not recognised, or with other columns than the rest: {names}")
    return lines


def _source(found: Found, name: str, export: Export, folder: Path) -> list[str]:
    lines = [f"  {name}:", f"    path: {_paths(export.files, folder)}", "    columns:"]
    guessed = found.guessed.get(name, ())
    for field, column in export.columns.items():
        if column.column is not None:
            values = [remark(value, 24) for value in examples(found, name, column.column, _SHOWN_VALUES)]
            comment = ("a guess: " if field in guessed else "such as ") + ", ".join(values) if values else "empty"
            lines.append(_commented(f"      {field}: {word(column.column)}", comment))
        else:
            comment = "a guess" if field in guessed else ""
            lines.append(_commented(f"      {field}: {{sql: {word(column.sql or '')}}}", comment))
    if free := free_columns(export):
        usable = f"Usable besides, in where: and by: as they are called: {', '.join(remark(c) for c in free)}"
        lines += wrap(usable, _WIDTH, initial_indent="    # ", subsequent_indent="    # ", break_on_hyphens=False)
    if name == "events":
        lines += _dedupe(export)
        lines.append(_off("    timezone: UTC", "of timestamps without an offset"))
    if export.readings:
        lines.append(_off("    max_age: 36h", "an older export is stale: `engagement check` says so"))
    return lines


def _dedupe(export: Export) -> list[str]:
    column = export.columns.get("id")
    if column is not None and (column.column or "").lower() in _STRONG_IDS:
        return [_commented("    dedupe: id", "of rows with one id, the first counts; or row, or none")]
    return [_off("    dedupe: row", "leaves out rows that are equal in every cell")]


def _paths(files: Sequence[Path], folder: Path) -> str:
    relative = [_relative(file, folder) for file in files]
    return word(relative[0]) if len(relative) == 1 else word_list(relative)


def _relative(file: Path, folder: Path) -> str:
    """Relative where the file lies in the folder, so that both can move together; else the whole path."""
    file, folder = Path(os.path.normpath(file.absolute())), Path(os.path.normpath(folder.absolute()))
    return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else str(file)


def _exclusions(found: Found) -> list[str]:
    events = found.exports.sources.get("events")
    columns = {c.lower(): c for c in events.raw} if events is not None else {}
    rules: Mapping[str, str] = {
        "email": "internal: {where: \"email LIKE '%@ourcompany.com'\"}",
        "user_agent": "bots: {where: \"user_agent ILIKE '%bot%'\"}",
    }
    lines = [f"#   {rule}" for column, rule in rules.items() if column in columns]
    return ["# Rows to leave out; counted, and shown under every report:", "# exclude:", *lines] if lines else []


def _segments(found: Found) -> list[str]:
    """Columns of few values by which metrics can be broken down."""
    chosen: dict[str, tuple[str, int]] = {}
    for source in ("subscriptions", "customers", "events"):
        export = found.exports.sources.get(source)
        if export is None:
            continue
        candidates = free_columns(export)
        if source == "subscriptions" and (plan := export.columns.get("plan")) is not None and plan.column is not None:
            candidates = ["plan"]
        for column in candidates:
            values = distinct(found, source, "plan" if column not in export.raw else column)
            name = column.lower()
            if (
                2 <= len(values) <= _FEW
                and name.isidentifier()
                and name not in chosen
                and not _is_number(export, column)
            ):
                chosen[name] = (f"{source}.{column}", len(values))
    if not chosen:
        return []
    lines = ["# Breakdowns: `engagement report --by NAME`, or by: on a metric.", "segments:"]
    for name, (column, count) in list(chosen.items())[:_MOST_SEGMENTS]:
        lines.append(_commented(f"  {word(name)}: {{column: {word(column)}}}", f"{count} values"))
    return lines


def _is_number(export: Export, column: str) -> bool:
    return column in export.raw and export.raw[column].is_numeric()
