"""What customers answer: net promoter score, satisfaction, effort, rating.

What: answers to one kind of survey in a period; `latest` takes each customer's last answer in it, `all` every answer.
    Answers of nobody count one by one. An answer off the scale is rejected and counted, never clipped; one without a
    time counts only with `every: total`, as the earliest.
Formula: nps = 100 · (p − d), promoters 9–10, passives 7–8, detractors 0–6 of whole answers 0–10; csat = answers at or
    above `satisfied_from` ÷ answers, and the mean; effort and rating = the mean answer.
Reads: surveys: score, timestamp; `survey` says the kind (answers without a kind count for every measure).
Parameters: measure (nps, csat, effort, rating), survey (kind; default: the measure's name; case does not matter),
    answers (latest, all), scale ([low, high]; default 1–5, effort 1–7), satisfied_from (4 on 1–5; required for other
    scales), where, every, by (columns of customers, or of subscriptions as of the period's start).
Example:
    >>> from engagement_cli.metrics.survey import Parameters
    >>> p = Parameters.model_validate({"type": "survey", "measure": "csat"})
    >>> p.bounds, p.threshold
    ((1.0, 5.0), 4.0)

Source: Reichheld (2003), "The One Number You Need to Grow", for the net promoter score; else this program's
    definitions. Intervals: nps ± 1.96 · 100 · √((p + d − (p − d)²) ÷ n); csat Wilson's; means by the normal
    distribution; for `answers: all`, where a customer counts more than once, each customer-clustered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import Flags
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.survey_answers import (
    PASSIVE,
    PROMOTER,
    SCALES,
    Answers,
    answers_in_range,
    on_scale,
    periods_of,
    segment_labels,
)
from engagement_cli.metrics.parts.survey_view import nps_view, score_view
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.records import Record
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Number
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable

_CLASSES = ("promoters", "passives", "detractors", "satisfied", "rejected")
STATE = {
    "classes": StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_CLASSES, "sum")),
    "scores": MOMENTS,  # x: answers × 10⁶ (nps: promoter 1, detractor −1), y: answers
    "satisfied": MOMENTS,
}


class Parameters(MetricParameters):
    """Which answers, and what is said about them."""

    type: Literal["survey"]
    measure: Literal["nps", "csat", "effort", "rating"]
    survey: Annotated[str | None, Field(description="kind of survey; default: the measure's name")] = None
    answers: Literal["latest", "all"] = "latest"
    scale: tuple[Number, Number] | None = None
    satisfied_from: Number | None = None

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """Kind, scale and threshold follow from the measure."""
        satisfied = {"satisfied_from": self.threshold} if self.measure == "csat" else {}
        return {"survey": self.measure, "scale": self.bounds, **satisfied}

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest answer."""
        return self.scale if self.scale is not None else SCALES[self.measure]

    @property
    def threshold(self) -> float:
        """The lowest answer of a satisfied customer."""
        return 4.0 if self.satisfied_from is None else self.satisfied_from

    @model_validator(mode="after")
    def _scale_fits(self) -> Parameters:
        low, high = self.bounds
        if low >= high:
            raise ValueError("scale: goes from the lowest to the highest answer, such as [1, 7]")
        if self.measure == "nps" and self.bounds != SCALES["nps"]:
            raise ValueError("scale: nps is defined on 0 to 10 alone")
        if self.satisfied_from is not None and self.measure != "csat":
            raise ValueError("satisfied_from: goes with csat")
        if self.measure == "csat" and self.satisfied_from is None and self.bounds != SCALES["csat"]:
            raise ValueError(f"satisfied_from: is required on a scale of {low:g} to {high:g}")
        if self.measure == "csat" and not low <= self.threshold <= high:
            raise ValueError(f"satisfied_from: lies outside the scale of {low:g} to {high:g}")
        return self


def needs(p: Parameters, settings: Settings) -> Needs:
    """The surveys export."""
    return Needs(
        sources=frozenset({"surveys"}),
        by=p.by,
        predicates=(("surveys", p.where),) if p.where is not None else (),
    )


class Asked(Record):
    """The answers to a survey in range with their periods: `taken` ones count, `rejected` ones are off the scale."""

    answers: Answers
    period: NDArray[np.int32]
    taken: Flags
    rejected: Flags


def measure(p: Parameters, bucket: Bucket) -> State:
    """Answers of the bucket by segment and period: classes, and sums of squares over customers."""
    asked = answers_to(p, bucket)
    seen = asked.answers.take(which := np.flatnonzero(asked.taken | asked.rejected))
    period, taken, score = asked.period[which], asked.taken[which], seen.score
    promoters, detractors = taken & (score >= PROMOTER), taken & (score < PASSIVE)
    classes = {
        "promoters": promoters,
        "passives": taken & (score >= PASSIVE) & (score < PROMOTER),
        "detractors": detractors,
        "satisfied": taken & (score >= round(p.threshold * MICRO)),
        "rejected": asked.rejected[which],
    }
    amount = promoters.astype(np.int64) - detractors.astype(np.int64) if p.measure == "nps" else score
    counted, ones = np.flatnonzero(taken), np.ones(int(taken.sum()), np.int64)
    once = p.answers == "latest"
    parts: dict[str, list[Cells]] = {name: [] for name in STATE}
    for grouping in groupings(bucket, p.by):
        labels = segment_labels(bucket, p.every, grouping, seen.customer, period)
        parts["classes"].append(STATE["classes"].of({"segments": labels, "period": period, **classes}))
        who = (seen.customer[counted], period[counted], labels.take(counted))
        parts["scores"].append(moments(*who, amount[counted], ones, once=once))
        if p.measure == "csat":
            satisfied = classes["satisfied"][counted].astype(np.int64)
            parts["satisfied"].append(moments(*who, satisfied, ones, once=once))
    return {name: STATE[name].merge(part) for name, part in parts.items()}


def answers_to(p: Parameters, bucket: Bucket) -> Asked:
    """The answers to the survey in range; of `latest` ones a customer's last valid answer of the period is taken."""
    answers = answers_in_range(bucket, p.where, p.every, p.survey or p.measure, unnamed=p.survey is None)
    period = periods_of(bucket, p.every, answers)
    valid = on_scale(answers.score, p.bounds, whole=p.measure == "nps")
    taken = valid
    if p.answers == "latest":
        there = np.flatnonzero(valid)
        taken = np.zeros(len(valid), np.bool_)
        taken[there[answers.take(there).lasts(period[there])]] = True
    return Asked(answers, period, taken, ~valid)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the measure, its interval and counts; `rejected` answers in the totals."""
    which = "every answer" if p.answers == "all" else "latest answer a customer"
    low, high = p.bounds
    semantics = f"{which}, {p.every.words}, on {low:g} to {high:g}"
    if p.measure == "nps":
        return nps_view(state, p.every, context.clock, semantics, clustered=p.answers == "all")
    if p.measure == "csat":
        semantics += f", satisfied from {p.threshold:g}"
    return score_view(p.measure, state, p.every, context.clock, semantics, clustered=p.answers == "all")
