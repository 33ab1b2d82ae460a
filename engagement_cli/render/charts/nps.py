"""The net promoter score through time: each period's number with its interval, drawn on the scale."""

from __future__ import annotations

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.page import Block
from engagement_cli.render.pages.spans import span_blocks
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    return span_blocks(finished, "nps", (-100.0, 100.0), "−100 0 +100")


CHART = Chart(("nps", "ci_low", "ci_high", "segments"), _draw)
