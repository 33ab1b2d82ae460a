"""Words in comments: which of the themes named a comment is about, or which words and pairs of words it has.

Case does not matter, nor does the shape of an apostrophe. A word is a run of letters, digits and marks; what writes
without spaces between words (Chinese, Japanese, Thai) has long ones, which `*` finds inside of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from engagement_cli.metrics.parts.stop_words import ENGLISH, TURNING

_WORD = r"\p{L}\p{M}\p{N}"
_TOKENS = rf"[{_WORD}]+(?:'\p{{L}}+)*|[^{_WORD}\s'\-/]|\n"  # words, and what keeps two of them from being a pair
_OTHER = r"^(?:[^\p{L}]*|.)$"  # no letter in it, or a single character: no word that is counted


def written(text: pl.Expr) -> pl.Expr:
    """A text as it is compared: in small letters, composed, with straight apostrophes."""
    return text.cast(pl.String).str.normalize("NFC").str.to_lowercase().str.replace_all("[’‘`´]", "'")


def theme_pattern(terms: Sequence[str]) -> str:
    """A regular expression that finds any of the terms as whole words; `*` stands for any rest of a word."""
    found = [r"\s+".join(_word(word) for word in term.lower().replace("’", "'").split()) for term in terms]
    return rf"(?:^|[^{_WORD}])(?:{'|'.join(found)})(?:$|[^{_WORD}])"


def _word(word: str) -> str:
    return rf"[{_WORD}]*".join(re.escape(part) for part in word.split("*"))


def themes_of(rows: pl.DataFrame, themes: Mapping[str, Sequence[str]], other: str) -> pl.DataFrame:
    """`row` and `theme` of every theme that a row's `text` (as `written`) is about, `other` where it is about none."""
    flags = [pl.col("text").str.contains(theme_pattern(terms)).alias(theme) for theme, terms in themes.items()]
    wide = rows.select("row", *flags).with_columns((~pl.any_horizontal(*themes)).alias(other))
    long = wide.unpivot(index="row", variable_name="theme", value_name="about")
    return long.filter("about").select("row", "theme")


def words_of(rows: pl.DataFrame, stop_words: Sequence[str]) -> pl.DataFrame:
    """`row` and `theme` of every word, and pair of neighbouring words, in a row's `text` (as `written`), each once.

    Stop words are left out: English ones and `stop_words`. A pair may begin with a word that turns the other round.
    """
    stops = pl.Series([*ENGLISH, *(word.lower() for word in stop_words)]).unique().implode()
    turning = pl.Series(list(TURNING)).implode()
    tokens = rows.select("row", word=pl.col("text").str.extract_all(_TOKENS)).explode("word").drop_nulls("word")
    silent = pl.col("word").is_in(stops)
    void = pl.col("word").str.contains(_OTHER)
    tokens = tokens.with_columns(
        said=~silent & ~void,
        opens=(~silent | pl.col("word").is_in(turning)) & ~void,
        word=pl.col("word").str.strip_suffix("'s"),
    ).with_columns(closes=pl.col("said").shift(-1).over("row"), following=pl.col("word").shift(-1).over("row"))
    pairs = tokens.filter(pl.col("opens") & pl.col("closes").fill_null(value=False))
    found = [
        tokens.filter("said").select("row", theme="word"),
        pairs.select("row", theme=pl.format("{} {}", "word", "following")),
    ]
    return pl.concat(found).unique()
