"""Soon after a moment, where the modes all but cancel: the series of the amounts.

What is held at the moment is known well, and the matrix, shifted until nothing in it is negative, only adds. So
that the powers are made once for everybody's moments, they are taken of the rows that are observed; the samples
are then one product with powers of time. What the series leaves out is part of the bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.exponential import NEAR, carried
from openkap.core.pharmacology.linear_system import Floats, Ints
from openkap.core.pharmacology.spacing import Layout

Flags = npt.NDArray[np.bool_]

LATE = 12.0  # largest rate x time that is summed: beyond, the series is longer than it is worth
SOON = 3.0  # the same for whom a short series will do
_BLOCK = 8  # powers made by one product
_LEFT_OUT = 1e-18
_ROUNDING = float(np.finfo(np.float64).eps)
_SURE = 1e-11  # relative doubt that no later sample suffers from
_CARRIED = 2000.0 * _ROUNDING  # of an amount: the terms of its series, each a row's sum
_SERIES_LEFT = 4.0  # times the last term: more than all that follow, once terms halve


@dataclass(frozen=True)
class Starts:
    """What people hold just after moments, how far that may be off, and what flows in from then on: (people,
    moments, n) each.
    """

    amounts: Floats
    doubts: Floats
    flows: Floats

    @property
    def fed(self) -> Ints:
        """The compartments that anything flows into."""
        return np.flatnonzero(self.flows.any(axis=(0, 1)))

    def carried_on(self, rates: Floats, jumps: Floats, gaps: Floats, needed: Flags) -> "Starts":
        """What follows soon after an earlier moment, carried from there where that leaves less doubt.

        `gaps`: between the moments, the same for everybody; `needed`: whose at which moment, (people, moments).
        """
        matrices, shifts = shifted_of(rates, self.fed)
        size, amounts, doubts = rates.shape[1], self.amounts.copy(), self.doubts.copy()
        for moment, gap in enumerate(gaps.tolist(), start=1):
            held = amounts[:, moment] - jumps[:, moment]
            wanted = needed[:, moment:].any(axis=1) & (shifts * gap <= NEAR)
            who = np.flatnonzero(wanted & (doubts[:, moment] > _SURE * held).any(axis=1))
            if not len(who):
                continue
            doubted = doubts[who, moment - 1].any()
            both = np.zeros((len(who), matrices.shape[1], 2 if doubted else 1))
            both[:, :size, 0], both[:, size:, 0] = (
                amounts[who, moment - 1],
                self.flows[who, moment - 1][:, self.fed],
            )
            if doubted:
                both[:, :size, 1] = doubts[who, moment - 1]
            found = carried(matrices[who], shifts[who], np.full(len(who), gap), both)[:, :size]
            doubt = _CARRIED * found[..., 0] + (found[..., 1] if doubted else 0.0)
            better = doubt < doubts[who, moment]
            amounts[who, moment] = np.where(better, found[..., 0] + jumps[who, moment], amounts[who, moment])
            doubts[who, moment] = np.where(better, doubt, doubts[who, moment])
        return Starts(amounts, doubts, self.flows)


@dataclass(frozen=True)
class Prefix:
    """Samples at the same `spans` after some moments: of each its first sample, and how many are its own."""

    moments: Ints
    spans: Floats
    samples: tuple[tuple[int, int], ...]


class EarlySeries:
    """Some people's concentrations up to `reach` after a moment, and how far rounding may move them: as far as
    largest rate x time is within `limit`, and NaN beyond.
    """

    def __init__(
        self,
        rates: Floats,
        watched: Sequence[int],
        scales: Floats,
        starts: Starts,
        *,
        reach: float,
        limit: float = LATE,
    ) -> None:
        fed = starts.fed
        matrices, self._shifts = shifted_of(rates, fed)
        width = matrices.shape[1]
        self._reach, self._limit = reach, limit
        self._terms = _terms(min(float(self._shifts.max(initial=0.0)) * reach, limit), width)
        self._rows = _powers(matrices * reach, watched, scales, self._terms)
        people, moments, size = starts.amounts.shape
        self._held = np.zeros((people, width, 2, moments))  # amounts, and how far they may be off
        self._held[:, :size, 0] = starts.amounts.transpose(0, 2, 1)
        self._held[:, size:, 0] = starts.flows[:, :, fed].transpose(0, 2, 1)
        self._held[:, :size, 1] = starts.doubts.transpose(0, 2, 1)
        # Each power adds the rounding of a product of rows, and the sum over powers that of its terms.
        self._rounding = _ROUNDING * (self._terms * (width + 3) + 4.0 * LATE + 8.0)

    def observed(self, moments: Ints, spans: Floats, who: Ints | slice = slice(None)) -> tuple[Floats, Floats]:
        """Values and bounds at `spans` after each of the moments: (people, moments, spans, observables)."""
        share = np.vander(spans / self._reach, self._terms, increasing=True)
        share[:, 1:] /= np.cumprod(np.arange(1.0, self._terms))
        with_shift = self._shifts[who, None] * spans
        fallen = np.where(with_shift <= self._limit, np.exp(-with_shift), np.nan)[:, None, :, None]
        rows, held = self._rows[who], self._held[who][..., moments]
        people, width = held.shape[:2]
        terms = rows.reshape(people, -1, width) @ held.reshape(people, width, -1)
        shape = (people, -1, rows.shape[2], 2, len(moments))
        last = terms.reshape(shape)[:, -1:, :, 0]
        found = (share @ terms.reshape(people, self._terms, -1)).reshape(shape)
        values = found[:, :, :, 0].transpose(0, 3, 1, 2) * fallen
        off = found[:, :, :, 1] + (_SERIES_LEFT * share[:, -1])[:, None, None] * last
        return values, off.transpose(0, 3, 1, 2) * fallen + self._rounding * values


def shifted_of(rates: Floats, fed: Ints) -> tuple[Floats, Floats]:
    """Matrices without a negative entry, (people, n + fed, n + fed): the rates, what flows into the `fed`
    compartments, and on the diagonal a shift; and that shift, (people,).
    """
    people, size, _ = rates.shape
    matrices = np.zeros((people, size + len(fed), size + len(fed)))
    matrices[:, :size, :size] = rates
    matrices[:, fed, size + np.arange(len(fed))] = 1.0
    shifts = np.maximum(-np.einsum("pii->pi", rates).min(axis=1), 0.0)
    np.einsum("pii->pi", matrices)[:] += shifts[:, None]
    return matrices, shifts


def prefixes_of(layout: Layout, needed: Flags) -> list[Prefix]:
    """The first samples after moments until the last that is needed, those at the same spans together.

    `needed`: (times,). Longer and shorter ones go apart, so that none is summed far beyond its own need.
    """
    found: dict[tuple[int, str, int], list[tuple[int, int, int, float]]] = {}
    for piece in layout.pieces:
        wanted = np.flatnonzero(needed[piece.first : piece.first + piece.count])
        if len(wanted):
            count = int(wanted[-1]) + 1
            key = (piece.pattern, f"{piece.offset:.9e}", count.bit_length())
            found.setdefault(key, []).append((piece.moment, piece.first, count, piece.offset))
    together = []
    for (pattern, *_), parts in found.items():
        longest = max(count for _, _, count, _ in parts)
        spans = parts[0][-1] + layout.patterns[pattern][:longest]
        together.append(Prefix(np.array([p[0] for p in parts]), spans, tuple(p[1:3] for p in parts)))
    instant = [(moment, sample) for moment, sample in layout.at_once if needed[sample]]
    if instant:
        moments = np.array([moment for moment, _ in instant])
        together.append(Prefix(moments, np.zeros(1), tuple((sample, 1) for _, sample in instant)))
    return together


def _terms(reach: float, fewest: int) -> int:
    """How many terms leave out next to nothing, in whole blocks."""
    count, left = 1, np.exp(-reach)
    while left > _LEFT_OUT or count < max(2.0 * reach, fewest):
        left *= reach / count
        count += 1
    return -(-count // _BLOCK) * _BLOCK


def _powers(matrices: Floats, watched: Sequence[int], scales: Floats, terms: int) -> Floats:
    """Rows of the first powers, (people, terms, observables, width): one, then two, four, eight at a time."""
    people, width, _ = matrices.shape
    found = np.zeros((people, terms, len(watched), width))
    found[:, 0, range(len(watched)), list(watched)] = scales
    flat = found.reshape(people, -1, width)
    made, power, each = 1, matrices, len(watched)
    while made < terms:
        step = min(made, _BLOCK)
        np.matmul(
            flat[:, (made - step) * each : made * each], power, out=flat[:, made * each : (made + step) * each]
        )
        made += step
        if step < _BLOCK:
            power = power @ power
    return found
