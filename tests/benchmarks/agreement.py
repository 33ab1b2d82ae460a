"""Do the report and the hand-written SQL say the same? Counts exactly, other numbers to nine digits."""

from __future__ import annotations

import polars as pl

KEYS = ("metric", "measure", "period_start", "cohort_start", "index", "step", "segments")
NUMBERS = ("value", "ci_low", "ci_high")
RELATIVE = 1e-9


def disagreements(report: pl.DataFrame, by_hand: pl.DataFrame) -> pl.DataFrame:
    """The rows in which metric rows of `report` and rows of report.sql's `result` differ; none if they agree.

    A metric that the SQL gives for the whole range has no period there, and needs none here. The report lists
    periods, cells and segments without rows, too: what it lists alone must be zero or unknown. Intervals are compared
    where the SQL works them out.
    """
    whole = by_hand.group_by("metric").agg(whole=pl.col("period_start").is_null().all())
    mine = report.join(whole, on="metric", how="left").with_columns(
        pl.when(pl.col("whole").fill_null(value=False)).then(None).otherwise("period_start").alias("period_start")
    )
    sides = [_side(mine, "report"), _side(by_hand, "sql")]
    both = sides[0].join(sides[1], on=KEYS, how="full", coalesce=True, nulls_equal=True)
    is_count = pl.col("unit") == "count"
    tolerance = pl.when(is_count).then(0.0).otherwise(RELATIVE)
    wrong = [
        _differ("value", tolerance) & (pl.col("in_sql") | pl.col("value_report").fill_null(0).ne(0)),
        *(_differ(end, pl.lit(RELATIVE)) & pl.col(f"{end}_sql").is_not_null() for end in NUMBERS[1:]),
    ]
    both = both.with_columns(pl.col("in_report", "in_sql").fill_null(value=False))
    return both.filter(pl.any_horizontal(*wrong, ~pl.col("in_report"))).sort(KEYS)


def _side(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    unit = ["unit"] if name == "report" else []
    return rows.select(
        *(pl.col(key).cast(pl.Int64 if key == "index" else pl.String) for key in KEYS),
        *unit,
        *(pl.col(number).cast(pl.Float64).alias(f"{number}_{name}") for number in NUMBERS),
        pl.lit(value=True).alias(f"in_{name}"),
    )


def _differ(number: str, tolerance: pl.Expr) -> pl.Expr:
    one, other = pl.col(f"{number}_report"), pl.col(f"{number}_sql")
    near = (one - other).abs() <= tolerance * pl.max_horizontal(one.abs(), other.abs())
    return ~((one.is_null() & other.is_null()) | near.fill_null(value=False))
