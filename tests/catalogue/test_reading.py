"""Metrics that read others: what is measured with them, in what order, and what is missing with what."""

from __future__ import annotations

from pathlib import Path

import pytest

from engagement_cli.catalogue.reading import finishing_order, lacking, with_those_read
from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports


def derived(formula: str) -> MetricParameters:
    return METRIC_TYPES["derived"].Parameters.model_validate({"type": "derived", "formula": formula, "every": "day"})


def count(event: str) -> MetricParameters:
    entry = {"type": "aggregate", "count": "events", "events": [event], "every": "day"}
    return METRIC_TYPES["aggregate"].Parameters.model_validate(entry)


KNOWN = {
    "rate": derived("double / 2"),
    "double": derived("visits * 2"),
    "visits": count("visit"),
    "sales": count("buy"),
}


def test_metrics_bring_along_those_that_they_read() -> None:
    assert list(with_those_read({"rate": KNOWN["rate"]}, KNOWN)) == ["rate", "double", "visits"]


def test_each_metric_is_finished_after_those_that_it_reads() -> None:
    assert finishing_order(KNOWN) == ["visits", "double", "rate", "sales"]


def test_an_unknown_metric_is_named_with_the_closest_known() -> None:
    with pytest.raises(UserError, match="it reads the metric 'visit', which is not there") as raised:
        with_those_read({"it": derived("visit / 2")}, KNOWN)
    assert raised.value.problems[0].hint == "did you mean 'visits'?"


def test_what_one_metric_lacks_all_that_read_it_lack() -> None:
    assert lacking(KNOWN, {"visits": "no event visit"}) == {
        "double": "it reads visits: no event visit",
        "rate": "it reads double: it reads visits: no event visit",
    }


def test_only_what_was_asked_for_is_answered(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text(
        "customer,event,timestamp,shop\na,visit,2025-01-01,x\nb,visit,2025-01-01,y\nb,visit,2025-01-02,y\n"
    )
    settings = Settings().model_copy(update={"metrics": KNOWN})
    exports = open_exports(settings, None, Overrides(paths={"events": (str(events),)}))
    answer = ask(Question(settings, exports, {"rate": KNOWN["rate"]}, by=("shop",))).answer
    assert [metric.name for metric in answer.metrics] == ["rate"]
    assert answer.metrics[0].view.table.select("segments", "value").rows() == [
        *(("", 2.0), ("", 1.0)),
        *(("shop=x", 1.0), ("shop=x", 0.0)),
        *(("shop=y", 1.0), ("shop=y", 1.0)),
    ]


def test_a_lenient_question_leaves_out_what_reads_the_missing(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("customer,event,timestamp\na,visit,2025-01-01\n")
    metrics = {"ratio": derived("sales / visits"), "visits": KNOWN["visits"], "sales": KNOWN["sales"]}
    settings = Settings().model_copy(update={"metrics": metrics})
    exports = open_exports(settings, None, Overrides(paths={"events": (str(events),)}))
    answer = ask(Question(settings, exports, {"ratio": metrics["ratio"]}, lenient=True)).answer
    assert answer.metrics == []
    assert answer.unavailable == {"ratio": "it reads sales: no event buy (known: visit)"}
