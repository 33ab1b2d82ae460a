"""Where all chance comes from: one stream per (seed, block), and a few draws built on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engagement_cli.samples.arrays import Bytes, Codes, Floats

AUDIENCE_BLOCK = 2**32 - 1
_SLOTS = 1 << 14


def generator(seed: int, block: int) -> np.random.Generator:
    """The stream of one block; it depends on nothing else, so a block is the same on every machine and in any order."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, block])))


def pick(random: np.random.Generator, weights: Sequence[float], size: int) -> Codes:
    """`size` indices into `weights`, each drawn in proportion to its weight (weights need not add up to 1)."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(bounds[:-1] / bounds[-1], random.random(size), side="right").astype(np.int32)


def lookup_table(weights: Floats) -> Bytes:
    """Shape (profiles, slots) of codes from weights of shape (profiles, choices): one gather replaces a binary search.

    A choice of weight 0 gets no slot; every other one gets at least one.
    """
    shares = weights / weights.sum(axis=1, keepdims=True)
    slots = np.where(weights > 0, np.maximum(np.floor(shares * _SLOTS), 1), 0).astype(np.int64)
    largest = np.argmax(slots, axis=1)
    slots[np.arange(len(slots)), largest] += _SLOTS - slots.sum(axis=1)
    codes = np.tile(np.arange(weights.shape[1], dtype=np.uint8), len(weights))
    return np.repeat(codes, slots.ravel()).reshape(len(weights), _SLOTS)


def pick_from_table(random: np.random.Generator, table: Bytes, profile: Codes) -> Bytes:
    """One code for every entry of `profile`, drawn from that row of a `lookup_table`."""
    slots = random.integers(0, _SLOTS, len(profile), dtype=np.uint16)
    drawn: Bytes = np.take(table.ravel(), profile * np.int32(_SLOTS) + slots)
    return drawn
