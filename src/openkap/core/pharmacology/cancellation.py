"""Where rounding leaves too little of a sum: bounds held against values, sample by sample or a piece at a time.

A bound only falls along a piece, so that its value at the beginning of some samples speaks for all of them,
held against the least of theirs. A piece is cut where its first samples may cancel, and where it falls far.
"""

from functools import reduce
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.linear_system import Floats, Ints

Flags = npt.NDArray[np.bool_]

TOLERANCE = 1e-9  # of the rounding bound, in the error measure
FLOOR = 1e-6  # of the peak: below it, errors are measured against this
FIRST = 2  # samples of a piece that are looked at, and solved again, apart
PARTS = 4  # in which the others are looked at, at most
_FALL = 4.0  # how far one of these may fall (natural logarithm)


def cuts_of(count: int, fall: float) -> tuple[int, ...]:
    """Where a piece is cut to be looked at: after the samples that may cancel, and as it falls, by
    `fall` in all (natural logarithm).
    """
    first, parts = min(FIRST, count - 1), min(max(int(fall / _FALL) + 1, 1), PARTS)
    later = tuple(max(count * part // parts, first) for part in range(1, parts))
    return (first,) * (1 + PARTS - parts) + later


def least_of(found: Floats, cuts: tuple[int, ...]) -> Floats:
    """The least of each part of pieces (people, pieces, observables, samples): (people, pieces, parts,
    observables). Of a part without samples it is infinity.
    """
    edges = (0, *cuts, found.shape[-1])
    least = np.full((*found.shape[:2], len(edges) - 1, found.shape[2]), np.inf)
    for part, (begin, end) in enumerate(pairwise(edges)):
        if begin < end:
            least[:, :, part] = _smallest(found[..., begin:end])
    return least


def _smallest(values: Floats) -> Floats:
    """Over the last axis; of a few columns without a call for each row."""
    if values.shape[-1] > FIRST:
        return np.asarray(values.min(axis=-1))
    return reduce(np.minimum, (values[..., i] for i in range(values.shape[-1])))


def pairs_of(flags: Flags) -> tuple[Ints, Ints]:
    """Rows and columns of what is flagged; some times faster than `nonzero` of a table."""
    return np.divmod(np.flatnonzero(flags), flags.shape[1])


def weak(values: Floats, bounds: Floats, allowed: Floats) -> Flags:
    """Where a bound is too large for its value; what is not finite is. The last axis: observables, any of which
    is enough.
    """
    bad = ~((bounds <= np.maximum(TOLERANCE * values, allowed)) | (bounds == 0.0))
    found = np.zeros(bad.shape[:-1], dtype=bool)
    for place in range(bad.shape[-1]):  # observables are few: a reduction would cost a call for each sample
        found |= bad[..., place]
    return found
