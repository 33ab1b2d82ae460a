"""What customers write about: themes by keywords in the comments of surveys, or the words that they use most.

What: comments in a text column of the surveys, each counted once for every theme that it is about. A theme is a list of
    words or phrases, found as whole words in any case; `*` stands for any rest of a word; a comment that is about none
    of the themes is in `(other)`. Without themes, the `top` words, and pairs of neighbouring words, of most comments of
    everybody over the whole range; stop words are left out, and words that occur only inside of a pair shown.
    The texts of events are not read: they are on no timeline.
Formula: share = comments about the theme ÷ all comments; a comment may be about several, so that shares do not add up
    to one. nps = 100 · (promoters − detractors) ÷ answers with a comment about the theme, for nps; mean score and mean
    sentiment of the answers with such a comment.
Reads: surveys: a text column, score, timestamp, and a sentiment column where there is one.
Parameters: text (column; default comment), themes (words by theme), survey (kind; default: all of them, whose scores
    are averaged only where they are of one kind), top (words shown without themes), stop_words (besides the English
    ones), sentiment (column), where, every (default: total), by (columns of customers, or of subscriptions as of the
    period's start).
Example:
    >>> from engagement_cli.metrics.themes import Parameters
    >>> Parameters.model_validate({"type": "themes", "themes": {"price": ["expensive", "pric*"]}}).themes
    {'price': ('expensive', 'pric*')}

Source: this program's definitions. Wilson's interval in periods in which no customer comments twice; else
    customer-clustered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.metrics.parts.survey_answers import (
    NOBODY,
    PASSIVE,
    PROMOTER,
    SCALES,
    answers_in_range,
    on_scale,
    periods_of,
    segment_labels,
)
from engagement_cli.metrics.parts.themes_view import OTHER, most_frequent, themes_view
from engagement_cli.metrics.parts.words import themes_of, words_of, written
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Every, Grain, Names
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.merging import Merge
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import State, StateTable

_SENTIMENT = "sentiment"
# A customer's comments are y, those about a theme x; then the answers that have them.
_SUMS = ("x", "xx", "xy", "customers", "scored", "score", "promoters", "passives", "detractors", "felt", "sentiment")
_ANSWERS = _SUMS[4:]


def _sums(names: tuple[str, ...]) -> dict[str, Merge]:
    return dict.fromkeys(names, "sum")


STATE = {
    "comments": StateTable(SEGMENT_AND_PERIOD, _sums(("y", "yy", "n"))),
    "themes": StateTable({**SEGMENT_AND_PERIOD, "theme": pl.String}, _sums(_SUMS)),
    "kinds": StateTable({"kind": pl.String}),
}


class Parameters(MetricParameters):
    """Which comments, and which themes in them."""

    type: Literal["themes"]
    text: Annotated[str, Field(description="text column of the surveys")] = "comment"
    themes: Annotated[
        dict[str, Names],
        Field(default_factory=dict, description="words and phrases by theme; * is any rest of a word"),
    ]
    survey: Annotated[str | None, Field(description="kind of survey; default: all")] = None
    top: Annotated[int | None, Field(ge=1, description="words shown where no themes are given")] = 20
    stop_words: Annotated[Names, Field(description="words left out besides the English ones")] = ()
    sentiment: Annotated[str, Field(description="column with the sentiment of a text, −1 to 1")] = _SENTIMENT
    every: Every = Grain("total")

    @model_validator(mode="after")
    def _themes_have_words(self) -> Parameters:
        for theme, terms in self.themes.items():
            if not terms or not all(term.replace("*", "").strip() for term in terms):
                raise ValueError(f"themes.{theme}: names no words")
            if theme == OTHER:
                raise ValueError(f"themes: {OTHER} is the name of comments without a theme")
        if self.themes and self.stop_words:
            raise ValueError("stop_words: goes without themes, for the most frequent words")
        return self

    def unabridged(self) -> Mapping[str, object]:
        """Every word, so that none is missing of a single customer."""
        return {"top": None}

    @property
    def kind(self) -> str | None:
        """The kind of survey in small letters."""
        return None if self.survey is None else self.survey.strip().lower()


def needs(p: Parameters, settings: Settings) -> Needs:
    """The surveys export with its text column."""
    columns = [p.text, *([p.sentiment] if "sentiment" in p.model_fields_set else [])]
    return Needs(
        sources=frozenset({"surveys"}),
        by=p.by,
        columns=tuple(("surveys", column) for column in columns),
        welcome_columns=(("surveys", p.sentiment),),
        predicates=(("surveys", p.where),) if p.where is not None else (),
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Comments of the bucket by segment, period and theme, with their squares and products over customers."""
    comments = comments_in(p, bucket)
    kinds = comments.select(kind=pl.col("kind").fill_null("")).unique()
    mentions = themes_of(comments, p.themes, OTHER) if p.themes else words_of(comments, p.stop_words)
    parts: dict[str, list[Cells]] = {name: [] for name in STATE}
    for grouping in groupings(bucket, p.by):
        labels = segment_labels(
            bucket, p.every, grouping, comments["customer"].to_numpy(), comments["period"].to_numpy()
        )
        labelled = comments.with_columns(labels.series())
        who = ["segments", "period", "person"]
        each = labelled.group_by(who).agg(y=pl.len().cast(pl.Int64))
        counted = each.group_by("segments", "period").agg(
            y=pl.col("y").sum(), yy=(pl.col("y") * pl.col("y")).sum(), n=pl.len()
        )
        about = (
            mentions.join(labelled, on="row")
            .group_by(*who, "theme")
            .agg(pl.len().cast(pl.Int64).alias("x"), _answers())
        )
        about = about.join(each, on=who)
        x, y = pl.col("x"), pl.col("y")
        sums = about.group_by("segments", "period", "theme").agg(
            xx=(x * x).sum(), xy=(x * y).sum(), customers=pl.len(), **{c: pl.col(c).sum() for c in ("x", *_ANSWERS)}
        )
        parts["comments"].append(STATE["comments"].of(counted))
        parts["themes"].append(STATE["themes"].of(sums))
    merged = {name: STATE[name].merge(parts[name]) for name in ("comments", "themes")}
    return {**merged, "kinds": STATE["kinds"].of(kinds)}


def _answers() -> pl.Expr:
    return pl.col(_ANSWERS).cast(pl.Int64).sum()


def comments_in(p: Parameters, bucket: Bucket) -> pl.DataFrame:
    """The comments in range: row, person, customer, kind, period, text, and what their answers say.

    A customer is one person, and so is each comment of nobody.
    """
    found = answers_in_range(bucket, p.where, p.every, p.survey, unnamed=False)
    found = found.take(np.flatnonzero(found.column(p.text).cast(pl.String).str.contains(r"\S").fill_null(value=False)))
    score, row = found.score, np.arange(len(found.row))
    felt = pl.repeat(None, len(row), dtype=pl.Int64, eager=True)
    if p.sentiment in found.table.columns:
        number = pl.col(p.sentiment).cast(pl.Float64, strict=False)
        sure = (pl.when(number.is_finite()).then(number) * MICRO).round().cast(pl.Int64)
        felt = found.column(p.sentiment).to_frame().select(sure).to_series()
    bounds = SCALES.get(p.kind or "")
    fits = np.full(len(row), True) if bounds is None else on_scale(score, bounds, whole=p.kind == "nps")
    rated = on_scale(score, SCALES["nps"], whole=True)
    return pl.DataFrame(
        {
            "row": row.astype(np.uint32),
            "customer": found.customer,
            "period": periods_of(bucket, p.every, found),
            "text": found.column(p.text),
            "person": np.where(found.customer == NOBODY, -1 - row, found.customer),
            "kind": pl.Series(found.kinds, dtype=pl.String).gather(pl.Series(found.kind)),
            "scored": fits,
            "score": np.where(fits, score, 0),
            "promoters": rated & (score >= PROMOTER),
            "passives": rated & (score >= PASSIVE) & (score < PROMOTER),
            "detractors": rated & (score < PASSIVE),
            "felt": felt.is_not_null(),
            "sentiment": felt.fill_null(0),
        }
    ).with_columns(text=written(pl.col("text")))


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment, period and theme: its comments, their share, who wrote them, and how they scored."""
    kinds = state["kinds"].frame()["kind"].to_list()
    kind = p.kind or (kinds[0] if len(kinds) == 1 else None)
    scored = p.kind is not None or len(kinds) < 2
    shown = [*p.themes, OTHER] if p.themes else []
    found = most_frequent(state["themes"].frame(), None if p.themes else p.top)
    if p.themes:  # those that nobody writes about are there as well
        found = [*(t for t in found if t != OTHER), *(t for t in shown if t not in found and t != OTHER), OTHER]
    what = "comments about a theme" if p.themes else "comments with a word or a pair of words"
    whose = f"of {p.survey} surveys" if p.survey else "of all surveys"
    semantics = f"{what} ÷ all comments {whose}, {p.every.words}; a comment may be about several"
    if not scored:
        semantics += "; scores of several kinds of survey have no mean"
    return themes_view(
        state, found, p.every, context.clock, semantics, scored=scored, promoted=scored and kind == "nps"
    )
