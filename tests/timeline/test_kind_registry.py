from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl

from engagement_cli.native.kinds import Marked
from engagement_cli.timeline.hashing import text_hash
from engagement_cli.timeline.kind_registry import EMPTY, KindRegistry

NAMES = [f"event {i}" for i in range(300)]


def batch(seed: int, rows: int, predicates: int = 2) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    texts = [None, "", " ", "web", "ios", "0"]
    return pl.DataFrame(
        {
            "customer": pl.Series([None if i < 1 else "x" for i in random.integers(0, 9, rows)], dtype=pl.String),
            "event": [NAMES[i] for i in random.integers(0, len(NAMES), rows)],
            "t0": pl.Series([texts[i] for i in random.integers(0, len(texts), rows)], dtype=pl.String),
            "t1": pl.Series([texts[i] for i in random.integers(0, len(texts), rows)], dtype=pl.String),
            **{
                f"p{i}": pl.Series([(None, False, True)[v] for v in random.integers(0, 3, rows)], dtype=pl.Boolean)
                for i in range(predicates)
            },
        }
    )


def encoded(registry: KindRegistry, frame: pl.DataFrame, fates: list[int] | None = None) -> list[int]:
    customers = frame["customer"].is_not_null().to_numpy().astype(np.uint64)
    kept = np.array(fates or [0] * frame.height, dtype=np.uint8)
    names = ["event", *(name for name in frame.columns if name.startswith("t"))]
    flags = [frame[name] for name in frame.columns if name.startswith("p")]
    marked = Marked([text_hash(frame[name]).to_numpy() for name in names], customers, flags)
    return registry.encode(marked, kept, lambda rows: [frame[name].gather(rows).to_list() for name in names]).tolist()


def expected(row: dict[str, object], predicates: int) -> tuple[object, ...]:
    return (
        row["event"],
        *(None if row[name] in EMPTY else row[name] for name in ("t0", "t1")),
        row["customer"] is None,
        *(bool(row[f"p{i}"]) for i in range(predicates)),
    )


def test_codes_stand_for_what_the_rows_hold_in_sorted_order_whatever_the_threads() -> None:
    batches = [batch(seed, 2_000) for seed in range(8)]
    found = []
    for threads, order in ((1, batches), (4, batches[::-1])):
        registry = KindRegistry(("a", "b"), ("one", "two"))
        with ThreadPoolExecutor(threads) as pool:
            codes = list(pool.map(lambda b, r=registry: encoded(r, b), order))
        kinds, final = registry.finish()
        texts = zip(kinds.events, kinds.texts["one"], kinds.texts["two"], strict=True)
        flags = zip(kinds.anonymous.tolist(), kinds.flags["a"].tolist(), kinds.flags["b"].tolist(), strict=True)
        keys = [(*text, *flag) for text, flag in zip(texts, flags, strict=True)]
        assert keys == sorted(set(keys), key=lambda key: tuple((v is not None, str(v)) for v in key[:3]) + key[3:])
        for frame, code in zip(order, codes, strict=True):
            assert [keys[c] for c in final[code].tolist()] == [expected(row, 2) for row in frame.to_dicts()]
        found.append(keys)
    assert found[0] == found[1]


def test_an_empty_text_is_one_kind_however_it_is_exported() -> None:
    frame = batch(1, 500)
    whole = [pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)).alias(name) for name in ("t0", "t1")]
    registry = KindRegistry(("a", "b"), ("one", "two"))
    codes = encoded(registry, frame.with_columns(customer=pl.lit(None, pl.String)))
    kinds, final = registry.finish()
    told = frame.with_columns(pl.col(pl.Boolean).fill_null(False), *whole).select("event", "t0", "t1", "p0", "p1")
    assert len(kinds) == told.n_unique()
    assert [kinds.texts["one"][code] for code in final[codes].tolist()] == told["t0"].to_list()


def test_rows_that_are_not_kept_register_no_kind() -> None:
    frame = pl.DataFrame({"customer": ["1"] * 4, "event": ["kept", "left out", "kept", None]})
    registry = KindRegistry((), ())
    assert encoded(registry, frame, [1, 1, 2, 1]) == [0, 0, 0, 0]
    assert len(registry.finish()[0]) == 0
    for _ in range(2):
        codes = encoded(registry, frame, [0, 2, 0, 1])
        assert [codes[0], codes[2]] == [0, 0]
    kinds, _ = registry.finish()
    assert kinds.events == ("kept",)


def test_more_predicates_than_a_word_has_bits_are_told_apart() -> None:
    count = 130
    rows = {f"p{i}": [i == at for at in range(count)] for i in range(count)}
    frame = pl.DataFrame({"customer": ["1"] * count, "event": ["e"] * count, **rows})
    registry = KindRegistry(tuple(f"p{i}" for i in range(count)), ())
    codes = encoded(registry, frame)
    kinds, final = registry.finish()
    assert len(kinds) == count
    for i in range(count):
        assert np.flatnonzero(kinds.flags[f"p{i}"]).tolist() == [final[codes[i]]]
