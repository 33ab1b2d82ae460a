"""The report: one line a metric, in sections by dimension."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engagement_cli.render.documents import Report
from engagement_cli.render.marks import legend
from engagement_cli.render.page import Block, Column, Grid, Line, Page, Reduction, Section, marked_in, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.distributions import distribution_blocks, is_distribution
from engagement_cli.render.pages.headline import Headline, headlines
from engagement_cli.render.pages.report_cells import WORSE, cells
from engagement_cli.render.periods import moment
from engagement_cli.render.text import plural, safe
from engagement_cli.results import Finished, Note

SECTIONS = ("involvement", "interaction", "intimacy", "influence", "value", "signals")
SEGMENTS_SHOWN = 12

COLUMNS = (
    Column("label", "metric", right=False),
    Column("value", "value"),
    Column("interval", "95 % CI"),
    Column("change", "change"),
    Column("period", "period", right=False),
    Column("trend", "trend", latest=True),
    Column("target", "target"),
    Column("status", "status", right=False),
    Column("benchmark", "benchmark", right=False),
    Column("n", "n"),
)

# Long texts are shortened first, then the least important goes; the value, its change and its period stay.
_REDUCTIONS = (
    Reduction("benchmark", 24),
    Reduction("target", 20),
    Reduction("label", 36),
    Reduction("n"),
    Reduction("benchmark"),
    Reduction("trend", 8),
    Reduction("label", 32),
    Reduction("target"),
    Reduction("label", 26),
    Reduction("trend", 6),
    Reduction("trend"),
    Reduction("label", 22),
    Reduction("status"),
    Reduction("interval"),
)

Named = tuple[Finished, list[tuple[str, Headline]]]


def _sections(metrics: Sequence[Finished], through: str | None) -> dict[str, list[Named]]:
    """Metrics by dimension: the known ones in order, then others, then those without."""
    grouped: dict[str, list[Named]] = {name: [] for name in SECTIONS}
    none: list[Named] = []
    for finished in metrics:
        group = grouped.setdefault(finished.dimension, []) if finished.dimension else none
        group.append((finished, headlines(finished, through)))
    titled = {name.capitalize(): group for name, group in grouped.items() if group}
    return {**titled, "Other" if titled else "": none} if none else titled


def _rows(section: list[Named]) -> Section:
    rows = []
    for finished, lines in section:
        total, *segments = lines
        rows.append(cells(finished, total[1], total[1].label))
        for name, line in segments[:SEGMENTS_SHOWN]:
            rows.append(cells(finished, line, f"  {name.replace(';', ' · ')}"))
        if left := len(segments) - SEGMENTS_SHOWN:
            rows += [cells(finished, None, f"  … {plural(left, 'more segment')}")] if left > 0 else []
    return Section("", tuple(rows))


def _dated(metrics: Iterable[Finished]) -> list[Note]:
    """The dated notes, each once."""
    found = {(note.date, note.text): note for finished in metrics for note in finished.notes}
    return [found[key] for key in sorted(found)]


def report_page(report: Report) -> Page:
    """The page of a report: dates, sections, what is marked, what is missing, the waterfall and the warnings."""
    answer = report.answer
    divided = [finished for finished in answer.metrics if is_distribution(finished)]
    sections = _sections([finished for finished in answer.metrics if finished not in divided], answer.through)
    grid = Grid(COLUMNS, tuple(Section(title, _rows(group).rows) for title, group in sections.items()), _REDUCTIONS)
    worse = any(WORSE in cell.unit for section in grid.sections for row in section.rows for cell in row)
    missing = plural(len(answer.unavailable), "metric") if answer.unavailable else ""
    top: list[Block] = [Line(safe(report.title), heading=1), dates(answer, report.customers)]
    body: list[Block] = [grid] if sections else [Line("No metrics to show.")] if not divided else []
    body += [block for finished in divided for block in distribution_blocks(finished)]
    bottom = notes(
        (
            legend(marked_in(body)),
            f"{WORSE} moved the wrong way" if worse else "",
            *(safe(f"◆ {moment(note.date)} {note.text}") for note in _dated(answer.metrics)),
            f"{missing} could not be computed: engagement metrics list --available" if missing else "",
        )
    )
    return (*top, *body, *bottom, *below(answer))
