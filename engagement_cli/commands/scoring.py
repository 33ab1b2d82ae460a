"""How scores are measured and shown."""

from __future__ import annotations

import polars as pl

from engagement_cli.commands.options import Options
from engagement_cli.commands.session import Session, open_session
from engagement_cli.customers.families.score import CONTRIBUTION
from engagement_cli.customers.sensitivity import sensitivity
from engagement_cli.customers.table import CUSTOMER
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.pipeline import Outcome
from engagement_cli.render.documents import Rows
from engagement_cli.render.formats import choose_format
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import HASH

_COLUMNS = ("score", "band", "trend", "raw", "previous", "change")
_WORDS = 3  # contributions named in a table
_BEFORE = "raw before (previous in csv and json) is of the {days} days before these, and the change is that of raw"


def show_scores(options: Options, *, band: str | None, top: int | None) -> None:
    """Every customer's score, the highest first; those of one band, and the first `top` of them."""
    session = open_session(options)
    bands = session.settings.score.bands
    if band is not None and band not in bands:
        raise UserError(f"there is no band {band!r}", where="--band", hint=did_you_mean(band, bands))
    outcome, table = _measured(session, keep_ids=True)
    table = best_first(table)
    if band is not None:
        table = table.filter(pl.col("band") == band)
    shown = table if top is None else table.head(top)
    if choose_format(options.output.format, options.output.out) in ("table", "md"):
        shown = _in_words(shown).rename({"previous": "raw_before", "change": "change_of_raw"})
    notes = [] if shown.height == table.height else [f"the first {shown.height:,} of {table.height:,} customers"]
    document = Rows(
        title="Engagement score",
        table=shown,
        units={name: "score" for name, dtype in shown.schema.items() if dtype == pl.Float64},
        name="score",
        semantics=f"{_semantics(session.settings)}; {_BEFORE.format(days=session.settings.score.window.days)}",
        parameters={"band": band, "top": top},
        notes=notes,
        answer=outcome.answer,
    )
    session.show(document, outcome.answer)


def best_first(table: pl.DataFrame) -> pl.DataFrame:
    """The highest score first, of equals the highest raw score, then by id."""
    return table.sort("score", "raw", CUSTOMER, descending=[True, True, False], nulls_last=True)


def _in_words(table: pl.DataFrame) -> pl.DataFrame:
    """The contributions of each customer as one text, the largest first, for people to read."""
    names = [name for name in table.columns if name.startswith(CONTRIBUTION)]
    if not names or not table.height:
        return table
    long = table.with_row_index("row").unpivot(names, index="row", variable_name="event", value_name="points")
    long = long.filter(pl.col("points") != 0).sort(pl.col("points").abs(), descending=True, maintain_order=True)
    said = pl.format("{} {}", pl.col("event").str.strip_prefix(CONTRIBUTION), pl.col("points").round(1))
    words = long.group_by("row").agg(said.head(_WORDS).str.join(", ").alias("contributions"))
    table = table.drop(names).with_row_index("row").join(words, on="row", how="left", maintain_order="left")
    return table.drop("row").with_columns(pl.col("contributions").fill_null(""))


def sensitivity_page(options: Options) -> None:
    """What 20 % less or more of each weight changes, the largest effect first."""
    session = open_session(options)
    outcome, table = _measured(session, keep_ids=False)
    document = Rows(
        title="Sensitivity of the engagement score",
        table=sensitivity(table, session.settings),
        units={"share_changing_band": "share", "weight_change": "share", "rank_correlation": "ratio"},
        name="sensitivity",
        semantics=f"{_semantics(session.settings)}; each weight changed by 20 %, alone; rank correlation is Spearman's",
        answer=outcome.answer,
    )
    session.show(document, outcome.answer)


def _measured(session: Session, *, keep_ids: bool) -> tuple[Outcome, pl.DataFrame]:
    if "events" not in session.exports.sources:
        raise UserError("nothing to score: no events export", where="--events", hint="the score weighs events")
    if session.options.choice.by:
        raise UserError(
            "a score is one customer's: it has no breakdown", where="--by", hint="`report` has it by segment"
        )
    outcome = session.ask({}, table=lambda there: _COLUMNS, keep_ids=keep_ids)
    if outcome.merged.profiles is None:
        raise ValueError("the engine made no customer table")
    return outcome, outcome.merged.profiles.drop(HASH)


def _semantics(settings: Settings) -> str:
    score = settings.score
    decay = f", halved every {score.half_life.days} days" if score.half_life is not None else ""
    what = "days with the event" if score.count == "days" else "events"
    scale = {"percentile": "percentile", "max": "share of the largest", "none": "not scaled"}[score.scale]
    return f"weighted {what} of the last {score.window.days} days{decay}; scale: {scale}"
