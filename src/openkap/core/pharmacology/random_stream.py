"""Random numbers keyed by (seed, subject): any part of a cohort can be drawn anywhere, in any order.

Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers, as easy as 1, 2, 3; SC11) written over
arrays of subjects, because one generator object per subject costs more than the whole simulation. Checked
against the published known answers.
"""

from collections.abc import Sequence
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS: Final = (0x9E3779B9, 0xBB67AE85)
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)
_ROUNDS: Final = 10


def philox(
    counter: tuple[Words, Words, Words, Words], key: tuple[int, int]
) -> tuple[Words, Words, Words, Words]:
    """Ten rounds of Philox 4x32 on arrays of 32-bit words held in 64 bits."""
    c0, c1, c2, c3 = counter
    for turn in range(_ROUNDS):
        k0 = np.uint64((key[0] + turn * _KEY_STEPS[0]) & 0xFFFFFFFF)
        k1 = np.uint64((key[1] + turn * _KEY_STEPS[1]) & 0xFFFFFFFF)
        product0, product1 = c0 * _MULTIPLIERS[0], c2 * _MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (product1 >> _HALF) ^ c1 ^ k0,
            product1 & _LOW,
            (product0 >> _HALF) ^ c3 ^ k1,
            product0 & _LOW,
        )
    return c0, c1, c2, c3


def stream_id(name: str) -> int:
    """A stable 32-bit number for a named stream, so that adding a parameter leaves the others' draws alone."""
    return crc32(name.encode())


def uniforms(seed: int, subjects: npt.NDArray[np.int64], stream: str, draw: int) -> tuple[Floats, Floats]:
    """Two independent uniform numbers in (0, 1) per subject, 53 bits each."""
    one, two = _uniforms(seed, subjects, [(stream, draw)])
    return one[0], two[0]


def normals(seed: int, subjects: npt.NDArray[np.int64], stream: str, count: int) -> Floats:
    """Standard normal numbers, shape (subjects, count)."""
    return normals_of(seed, subjects, [(stream, count)])[0]


def normals_of(seed: int, subjects: npt.NDArray[np.int64], wanted: Sequence[tuple[str, int]]) -> list[Floats]:
    """Standard normal numbers of several streams, (subjects, count) each, by Box and Muller. All are made at
    once: for a few hundred subjects, calls cost more than numbers.
    """
    pairs = [(stream, draw) for stream, count in wanted for draw in range((count + 1) // 2)]
    if not pairs:
        return [np.empty((len(subjects), 0)) for _ in wanted]
    one, two = _uniforms(seed, subjects, pairs)
    radius, angle = np.sqrt(-2.0 * np.log(one)), 2.0 * np.pi * two
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    found, first = [], 0
    for _, count in wanted:
        last = first + (count + 1) // 2
        found.append(np.ascontiguousarray(both[first:last].reshape(-1, len(subjects))[:count].T))
        first = last
    return found


def _uniforms(
    seed: int, subjects: npt.NDArray[np.int64], pairs: Sequence[tuple[str, int]]
) -> tuple[Floats, Floats]:
    """Two uniform numbers per subject for each stream and draw: (pairs, subjects) each."""
    low = subjects.astype(np.uint64)[None, :]
    streams = np.array([[stream_id(stream)] for stream, _ in pairs], dtype=np.uint64)
    draws = np.array([[draw] for _, draw in pairs], dtype=np.uint64)
    counter = (low & _LOW, low >> _HALF, streams, draws)
    words = philox(counter, (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF))
    return _unit(words[0], words[1]), _unit(words[2], words[3])


def _unit(high: Words, low: Words) -> Floats:
    bits = (high << np.uint64(21)) ^ (low >> np.uint64(11))
    return (bits.astype(np.float64) + 0.5) * 2.0**-53
