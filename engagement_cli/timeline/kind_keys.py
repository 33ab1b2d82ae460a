"""From keys to kinds and back: codes follow the sorted order of keys, also where several lists of kinds become one.

A key has the event's name, the texts, 1 for what nobody did or 0 for customers, and 1 or 0 for each predicate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.timeline.kinds import Key, Kinds
from engagement_cli.timeline.needs import Demand

Codes = NDArray[np.uint32]


def in_order(keys: Sequence[Key], predicates: Sequence[str], texts: Sequence[str]) -> tuple[Kinds, Codes]:
    """Distinct keys as kinds in sorted order, and the code of each key."""
    order = sorted(range(len(keys)), key=lambda at: tuple((v is not None, str(v)) for v in keys[at]))
    final = np.empty(len(order), dtype=np.uint32)
    final[order] = np.arange(len(order), dtype=np.uint32)
    keys = [keys[at] for at in order]
    after = 1 + len(texts)
    flag = {p: after + 1 + i for i, p in enumerate(predicates)}
    return (
        Kinds(
            events=tuple(str(key[0]) for key in keys),
            flags={p: np.array([bool(key[at]) for key in keys], dtype=bool) for p, at in flag.items()},
            texts={t: tuple(_text(key[1 + i]) for key in keys) for i, t in enumerate(texts)},
            anonymous=np.array([bool(key[after]) for key in keys], dtype=bool),
        ),
        final,
    )


def joined(each: Sequence[Kinds], demand: Demand) -> tuple[Kinds, list[Codes]]:
    """The kinds as the demand tells them apart, and for each list the code of each of its kinds among them."""
    keys = [_keys(kinds, demand) for kinds in each]
    distinct = list({key: None for mine in keys for key in mine})
    kinds, final = in_order(distinct, demand.predicates, demand.texts)
    code = dict(zip(distinct, final.tolist(), strict=True))
    return kinds, [np.array([code[key] for key in mine], dtype=np.uint32) for mine in keys]


def _keys(kinds: Kinds, demand: Demand) -> list[Key]:
    columns = [kinds.events, *(kinds.texts[t] for t in demand.texts), kinds.anonymous.astype(int).tolist()]
    return list(zip(*columns, *(kinds.flags[p].astype(int).tolist() for p in demand.predicates), strict=True))


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
