"""Where rounding leaves too little of a sum: bounds held against values, sample by sample or a piece at a time.

A bound only falls along a piece, so that its value at the beginning of some samples speaks for all of them,
held against the least of theirs. A piece is cut after its first samples, which may cancel, and where it falls
far; after the first ones pieces that look alike are looked at together: their largest bound, their least value.
"""

from functools import reduce

import numpy as np
import numpy.typing as npt

from openkap.core.pharmacology.linear_system import Floats, Ints

Flags = npt.NDArray[np.bool_]

TOLERANCE = 1e-9  # of the rounding bound, in the error measure
FLOOR = 1e-6  # of the peak: below it, errors are measured against this
FIRST = 2  # samples of a piece that are looked at, and solved again, apart
PARTS = 4  # in which the others are looked at, at most
_FALL = 4.0  # how far one of these may fall (natural logarithm)


def cuts_of(count: int, fall: float) -> list[int]:
    """Where the samples of a piece after its first ones are cut, as it falls by `fall` in all (natural
    logarithm): the first sample of each part.
    """
    parts = min(max(int(fall / _FALL) + 1, 1), PARTS)
    return sorted({max(count * part // parts, FIRST) for part in range(parts)} if count > FIRST else ())


def smallest(values: Floats) -> Floats:
    """Over the last axis, which is short: without a call for each row."""
    return reduce(np.minimum, np.moveaxis(values, -1, 0))


def largest(values: Floats) -> Floats:
    """The same for the largest."""
    return reduce(np.maximum, np.moveaxis(values, -1, 0))


def pairs_of(flags: Flags) -> tuple[Ints, Ints]:
    """Rows and columns of what is flagged; some times faster than `nonzero` of a table."""
    return np.divmod(np.flatnonzero(flags), flags.shape[1])


def weak(values: Floats, bounds: Floats, allowed: Floats, axis: int = -1) -> Flags:
    """Where a bound is too large for its value; what is not finite is. `axis`: observables, any of which is
    enough.
    """
    bad = ~((bounds <= np.maximum(TOLERANCE * values, allowed)) | (bounds == 0.0))
    # Observables are few: a reduction would cost a call for each sample.
    return reduce(np.logical_or, np.moveaxis(bad, axis, 0))
